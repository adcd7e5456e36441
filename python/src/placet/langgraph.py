"""For LangGraph: a call in a node that runs once it is approved, and what ends the interrupt of a thread from outside.

Needs LangGraph (`pip install placet[langchain]`). What a thread keeps, or is resumed with, decides nothing: the gate asks the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from langgraph.config import get_config
from langgraph.types import Command, interrupt

from .gate import CallOutcome, Gate, ToolCall

_POLL_SECONDS = 5


def thread_of_node() -> str:
    """The id of the thread that runs now; empty without one, which a gate refuses."""
    return str(get_config().get("configurable", {}).get("thread_id", ""))


def pause(call: ToolCall, outcome: CallOutcome) -> None:
    """Interrupts the thread with a reference: where to look, and no secret. Do not catch what it raises."""
    reference = outcome.reference
    interrupt({"placet": {"id": reference.id, "digest": reference.digest, "tool": call.tool}})


def await_approval(
    gate: Gate, call: ToolCall, tool: Callable[[dict[str, Any]], Any], *, wait_seconds: float = 0
) -> CallOutcome:
    """In a node: runs the call if it is approved, else says why not; while it is pending the thread is interrupted.

    The node may run again as often as LangGraph likes: what it asks for is asked once, and what has run is not run again.
    """
    while True:
        outcome = gate.pass_(call, tool, wait_seconds=wait_seconds)
        if outcome.state != "pending":
            return outcome
        # Whatever the thread is resumed with: who resumes it too early, or forges an answer, finds it waiting.
        pause(call, outcome)


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
        graph.invoke(Command(resume={name: "decided" for name in decided}), config)


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
        await graph.ainvoke(Command(resume={name: "decided" for name in decided}), config)


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
