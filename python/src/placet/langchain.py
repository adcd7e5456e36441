"""A middleware for LangChain's `create_agent`: each tool call passes the gate by itself, right before its tool runs.

Needs LangChain (`pip install placet[langchain]`). While people decide the thread is interrupted, with a checkpointer; whatever it is
resumed with decides nothing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ToolCallRequest
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command

from .action import canonical_bytes
from .errors import PlacetChangedError, StrictJsonError
from .gate import CallOutcome, Gate, ToolCall
from .langgraph import aawait_approval, aresume_thread, await_approval, resume_thread, thread_of_node

__all__ = ["ApprovalMiddleware", "aresume_thread", "resume_thread"]

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

        def tool(parameters: dict[str, Any], **_: Any) -> Handled:
            return handler(_approved(request, parameters))

        return _handled(request, await_approval(self._gate, call, tool, wait_seconds=self._wait_seconds))

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Handled]]
    ) -> Handled:
        if request.tool_call["name"] in self._ungated:
            return await handler(request)
        call = self._call_of(request)

        async def tool(parameters: dict[str, Any], **_: Any) -> Handled:
            return await handler(_approved(request, parameters))

        return _handled(request, await aawait_approval(self._gate, call, tool, wait_seconds=self._wait_seconds))

    def _call_of(self, request: ToolCallRequest) -> ToolCall:
        call = request.tool_call
        run = self._run(request) if self._run else thread_of_node()
        return ToolCall(run, call.get("id") or "", call["name"], call["args"])


def _approved(request: ToolCallRequest, parameters: dict[str, Any]) -> ToolCallRequest:
    """The arguments that were digested, and a tool that takes no others and runs once, whatever stands behind us."""
    call: Any = {**request.tool_call, "args": json.loads(json.dumps(parameters))}
    if request.tool is None:
        return request.override(tool_call=call)
    return request.override(tool_call=call, tool=_sealed(request.tool, parameters))


def _sealed(tool: BaseTool, parameters: dict[str, Any]) -> BaseTool:
    sealed = copy.copy(tool)
    wanted = canonical_bytes(parameters)
    # State and store are given to a tool beside its arguments; the model can set none of those.
    schema: Any = tool.get_input_schema()
    injected = set(schema.model_fields) - set(tool.args)
    has_run = False

    def check(given: Any) -> None:
        nonlocal has_run
        args = given.get("args") if isinstance(given, Mapping) else None
        if not isinstance(args, Mapping):
            raise PlacetChangedError
        own = {name: value for name, value in args.items() if name in parameters or name not in injected}
        try:
            is_same = canonical_bytes(own) == wanted
        except (StrictJsonError, TypeError, ValueError):
            is_same = False
        if not is_same:
            raise PlacetChangedError
        if has_run:
            raise RuntimeError("An approval is one run: this tool call has run already.")
        has_run = True

    def invoke(given: Any, *args: Any, **kwargs: Any) -> Any:
        check(given)
        return tool.invoke(given, *args, **kwargs)

    async def ainvoke(given: Any, *args: Any, **kwargs: Any) -> Any:
        check(given)
        return await tool.ainvoke(given, *args, **kwargs)

    # Its class refuses members that it does not know.
    object.__setattr__(sealed, "invoke", invoke)
    object.__setattr__(sealed, "ainvoke", ainvoke)
    return sealed


def _handled(request: ToolCallRequest, outcome: CallOutcome) -> Handled:
    if outcome.state == "ran":
        result: Handled = outcome.result
        return result
    call = request.tool_call
    return ToolMessage(json.dumps(outcome.answer), name=call["name"], tool_call_id=call["id"] or "", status="error")
