"""For LangGraph: a call in a node that runs once it is approved, and what ends the interrupt of a thread from outside.

Needs LangGraph (`pip install placet[langchain]`). What a thread keeps, or is resumed with, decides nothing: the gate asks the server.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any

from langgraph.config import get_config
from langgraph.types import Command, interrupt

from .gate import CallOutcome, Gate, Reference, ToolCall
from .stop import Stop, in_thread

_POLL_SECONDS = 5
# What a thread is resumed with once the request is decided. It says that it is, and not how.
_DECIDED = "decided"


def thread_of_node() -> str:
    """The id of the thread that runs now; empty without one, which a gate refuses."""
    return str(get_config().get("configurable", {}).get("thread_id", ""))


def _pause(call: ToolCall, reference: Reference) -> None:
    """Interrupts the thread with a reference: where to look, and no secret. Do not catch what it raises.

    Takes as many places as there are answers that are none of ours, so that they are as many when the node runs again.
    """
    while interrupt({"placet": {"id": reference.id, "digest": reference.digest, "tool": call.tool}}) != _DECIDED:
        pass


def await_approval(
    gate: Gate, call: ToolCall, tool: Callable[..., Any], *, wait_seconds: float = 0
) -> CallOutcome:
    """In a node: runs the call if it is approved, else says why not; while it is pending the thread is interrupted.

    The node may run again as often as LangGraph likes: what it asks for is asked once, and what has run is not run again. The tool
    must not interrupt by itself: its approval is taken by then.
    """
    return _await_approval(gate, call, tool, wait_seconds, None)


async def aawait_approval(
    gate: Gate, call: ToolCall, tool: Callable[..., Coroutine[Any, Any, Any]], *, wait_seconds: float = 0
) -> CallOutcome:
    """The same in an asynchronous node. Whoever cancels it has a tool that did not begin not run, and one that runs cancelled."""
    loop = asyncio.get_running_loop()
    running: list[Future[Any]] = []

    def run(parameters: dict[str, Any], **more: Any) -> Any:
        running.append(asyncio.run_coroutine_threadsafe(tool(parameters, **more), loop))
        return running[0].result()

    try:
        return await in_thread(lambda stop: _await_approval(gate, call, run, wait_seconds, stop))
    except asyncio.CancelledError:
        for each in running:
            each.cancel()
        raise


def _await_approval(
    gate: Gate, call: ToolCall, tool: Callable[..., Any], wait_seconds: float, stop: Stop | None
) -> CallOutcome:
    if wait_seconds == math.inf:
        return gate.pass_(call, tool, stop=stop)
    reference, state = gate.ask(call)
    if state == "approved":
        return gate.run(call, reference, tool, stop=stop)
    if state == "pending":
        # LangGraph answers interrupts by their place in the node. What people are asked for once has its place for good, also when
        # the node runs again after it was decided, or our answer would be taken for that of an interrupt that follows.
        try:
            _pause(call, reference)
        except Exception:
            if wait_seconds <= 0 or gate.wait(reference.id, wait_seconds, stop=stop)["state"] == "pending":
                raise
    while True:
        outcome = gate.pass_(call, tool, wait_seconds=0, stop=stop)
        if outcome.state != "pending":
            return outcome
        # Whatever the thread is resumed with: who resumes it too early, or forges an answer, finds it waiting.
        _pause(call, reference)


def resume_thread(graph: Any, *, gate: Gate, thread: str) -> Any:
    """From outside: waits for the approvals that a thread is interrupted for, and resumes it, each as soon as it is decided.

    Gives the thread's values once it waits for none. All that it needs is the thread's id: any process may, days later.
    """
    config = {"configurable": {"thread_id": thread}}
    resumed: set[str] = set()
    while True:
        state = graph.get_state(config)
        waiting = {name: request for name, request in _waiting(state).items() if name not in resumed}
        if not waiting:
            return state.values
        decided = _first_decided(gate, waiting)
        # A task that has ended keeps its interrupt until all beside it have: what was resumed is not resumed again.
        resumed.update(decided)
        graph.invoke(Command(resume={name: _DECIDED for name in decided}), config)


async def aresume_thread(graph: Any, *, gate: Gate, thread: str) -> Any:
    """The same of a graph that is run asynchronously."""
    config = {"configurable": {"thread_id": thread}}
    resumed: set[str] = set()
    while True:
        state = await graph.aget_state(config)
        waiting = {name: request for name, request in _waiting(state).items() if name not in resumed}
        if not waiting:
            return state.values
        decided = await asyncio.to_thread(_first_decided, gate, waiting)
        resumed.update(decided)
        await graph.ainvoke(Command(resume={name: _DECIDED for name in decided}), config)


def _waiting(state: Any) -> dict[str, str]:
    """The requests that the thread waits for, by the id of the interrupt; interrupts of others are left out."""
    found: dict[str, str] = {}
    for task in state.tasks:
        for each in task.interrupts:
            placet = each.value.get("placet") if isinstance(each.value, Mapping) else None
            if isinstance(placet, Mapping) and isinstance(placet.get("id"), str):
                found[each.id] = placet["id"]
    return found


def _first_decided(gate: Gate, waiting: Mapping[str, str]) -> list[str]:
    """Those whose requests are not pending any more: at least one."""
    alone = len(waiting) == 1
    while True:
        for request in waiting.values():
            gate.wait(request) if alone else gate.wait(request, _POLL_SECONDS / len(waiting))
        decided = [name for name, request in waiting.items() if gate.wait(request, 0)["state"] != "pending"]
        if decided:
            return decided
