"""A middleware for LangChain's `create_agent`: each tool call passes the gate by itself, right before its tool runs.

Needs LangChain (`pip install placet[langchain]`). While people decide the thread is interrupted, with a checkpointer; whatever it is
resumed with decides nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.messages import ToolMessage
from langgraph.config import get_config
from langgraph.types import Command, interrupt

from .gate import CallOutcome, Gate, Reference, ToolCall

Handled = ToolMessage | Command[Any]


class ApprovalMiddleware(AgentMiddleware[Any, Any, Any]):
    """Puts the gate before the agent's tools; `ungated` names those that run unasked. List it before what catches errors."""

    def __init__(
        self,
        gate: Gate,
        *,
        ungated: Sequence[str] = (),
        wait_seconds: float = 0,
        run: Callable[[ToolCallRequest], str] | None = None,
    ) -> None:
        super().__init__()
        self._gate = gate
        self._ungated = frozenset(ungated)
        self._wait_seconds = wait_seconds
        self._run = run

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Handled]) -> Handled:
        if request.tool_call["name"] in self._ungated:
            return handler(request)
        call = self._call_of(request)

        def tool(parameters: dict[str, Any]) -> Handled:
            return handler(_with_arguments(request, parameters))

        while True:
            outcome = self._gate.pass_(call, tool, wait_seconds=self._wait_seconds)
            if outcome.state != "pending":
                return _handled(request, outcome)
            _pause(call, outcome)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Handled]]
    ) -> Handled:
        if request.tool_call["name"] in self._ungated:
            return await handler(request)
        call = self._call_of(request)
        loop = asyncio.get_running_loop()

        def tool(parameters: dict[str, Any]) -> Handled:
            changed = _with_arguments(request, parameters)

            async def run() -> Handled:
                return await handler(changed)

            return asyncio.run_coroutine_threadsafe(run(), loop).result()

        while True:
            outcome = await asyncio.to_thread(self._gate.pass_, call, tool, wait_seconds=self._wait_seconds)
            if outcome.state != "pending":
                return _handled(request, outcome)
            _pause(call, outcome)

    def _call_of(self, request: ToolCallRequest) -> ToolCall:
        thread = "" if self._run else str(get_config().get("configurable", {}).get("thread_id", ""))
        run = self._run(request) if self._run else thread
        call = request.tool_call
        return ToolCall(run, call.get("id") or "", call["name"], call["args"])


def _with_arguments(request: ToolCallRequest, parameters: dict[str, Any]) -> ToolCallRequest:
    """The arguments that were digested, and no others."""
    return request.override(tool_call={**request.tool_call, "args": parameters})


def _pause(call: ToolCall, outcome: CallOutcome) -> None:
    reference: Reference = outcome.reference
    interrupt({"placet": {"id": reference.id, "digest": reference.digest, "tool": call.tool}})


def _handled(request: ToolCallRequest, outcome: CallOutcome) -> Handled:
    if outcome.state == "ran":
        result: Handled = outcome.result
        return result
    call = request.tool_call
    return ToolMessage(json.dumps(outcome.answer), name=call["name"], tool_call_id=call["id"] or "", status="error")
