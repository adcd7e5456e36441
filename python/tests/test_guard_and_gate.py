"""Guards guard and gate: what is wrapped runs once, after an approval of exactly its arguments, and in no other case."""

import asyncio
import json
import threading
from typing import Any

import pytest
from conftest import World

from placet import (
    Placet,
    PlacetApiError,
    PlacetChangedError,
    PlacetDeniedError,
    PlacetKeyError,
    PlacetSpentError,
    PlacetUnreachableError,
    Reference,
    ToolCall,
)

CALL = ToolCall("thread-1", "call_1", "refund", {"order": "A-1", "amount": 120})


def client(world: World, **more: Any) -> Placet:
    return Placet(world.url, "plk_test", attempts_max=2, delay_seconds=0.01, **more)


def guarded(world: World, ran: list[Any], key: str = "job-1") -> Any:
    @client(world).guard(
        "orders.refund",
        key=lambda order, amount: key,
        resource=lambda order, amount: f"order/{order}",
        parameters=lambda order, amount: {"amount": amount},
    )
    def refund(order: str, amount: int) -> str:
        ran.append((order, amount))
        return "refunded"

    return refund


def test_a_guarded_function_runs_once_and_never_again_with_its_key(world: World) -> None:
    ran: list[Any] = []
    assert guarded(world, ran)("A-1", 120) == "refunded"
    with pytest.raises(PlacetSpentError) as spent:
        guarded(world, ran)("A-1", 120)
    assert (spent.value.code, ran) == ("already_executed", [("A-1", 120)])
    assert [result["status"] for result in world.results.values()] == ["succeeded"]


def test_an_async_function_is_guarded_alike(world: World) -> None:
    ran: list[int] = []

    @client(world).guard("orders.close", key=lambda n: f"job-{n}", resource=lambda n: f"order/{n}")
    async def close(n: int) -> int:
        ran.append(n)
        if n == 2:
            raise ValueError("private words")
        return n

    assert asyncio.run(close(1)) == 1
    with pytest.raises(ValueError, match="private"):
        asyncio.run(close(2))
    results = [(result["status"], result.get("detail")) for result in world.results.values()]
    assert results == [("succeeded", None), ("failed", "ValueError")]
    world.state = "denied"
    with pytest.raises(PlacetDeniedError):
        asyncio.run(close(3))
    assert ran == [1, 2]


@pytest.mark.parametrize("when", ["waiting", "taking"])
def test_a_guard_that_is_cancelled_takes_no_approval_any_more_and_runs_nothing(world: World, when: str) -> None:
    ran: list[Any] = []
    made = client(world)
    world.state = "pending" if when == "waiting" else "approved"

    @made.guard("orders.close", key=lambda: "job-1", resource=lambda: "order/1", parameters=lambda: read())
    async def close() -> None:
        ran.append(1)

    reads: list[Any] = []
    go_on = threading.Event()

    def read() -> dict[str, Any]:
        # The second reading is the one right before the approval is taken: the thread stands here until it was cancelled.
        reads.append(1)
        if when == "taking" and len(reads) == 2:
            go_on.wait()
        return {}

    async def give_up() -> None:
        running = asyncio.create_task(close())
        while (len(reads) < 2) if when == "taking" else ("GET" not in str(world.calls)):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        # People approve now; nobody is there to act on it.
        world.state = "approved"
        go_on.set()

    asyncio.run(give_up())
    assert (ran, world.started) == ([], {})


def test_an_async_function_runs_with_what_was_approved_whatever_other_coroutines_change(world: World) -> None:
    order = {"amount": 120}
    ran: list[Any] = []
    reads: list[Any] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def read() -> dict[str, Any]:
            reads.append(1)
            # As soon as the loop is free after the reading that compares for the last time.
            if len(reads) == 3:
                loop.call_soon_threadsafe(order.update, {"amount": 9_999})
            return dict(order)

        @client(world).guard("orders.refund", key=lambda: "job-1", resource=lambda: "order/1", parameters=read)
        async def refund() -> None:
            ran.append(dict(order))

        await refund()

    asyncio.run(main())
    assert (ran, len(reads)) == ([{"amount": 120}], 3)


@pytest.mark.parametrize("state", ["denied", "expired", "cancelled"])
def test_what_ended_without_approval_does_not_run(world: World, state: str) -> None:
    world.state = state
    ran: list[Any] = []
    with pytest.raises(PlacetDeniedError) as denied:
        guarded(world, ran)("A-1", 120)
    assert (denied.value.code, denied.value.by, ran) == (state, ["Ann"], [])


@pytest.mark.parametrize(
    "key",
    [
        *["", "jöb", "a\nb", "a\n", "a" * 256, None, " job-1", "job-1 "],
        *["None", "job-None", "None/refund", "job:nan", "job_null", "undefined", "job-NaN-1", "job-[object Object]"],
        *[f"job-{object()}", f"{object()}", f"job-{len}", f"job-{client}", f"job-{client.__init__}"],
        *[f"job-{(lambda: 1)}", f"job-{str}", "job-{run_id}", "job-{self.run.id}", "job-%s", "job-%d", "wf/{{ run_id }}"],
        *["job-${JOB_ID}", "job-$CI_JOB_ID", "job-%JOB_ID%"],
    ],
)
def test_a_guard_demands_the_key_of_the_run(world: World, key: Any) -> None:
    with pytest.raises(PlacetKeyError):
        guarded(world, [], key)("A-1", 120)
    assert world.calls == []


@pytest.mark.parametrize("key", ["nano-1", "job-Nonesuch", "nullable/1", "job 1", "a" * 255, "<job-1>", "look at 0x1", "run%2F7", "%C3%A9"])
def test_a_key_that_only_looks_like_a_missing_id_is_taken(world: World, key: str) -> None:
    assert guarded(world, [], key)("A-1", 120) == "refunded"


def test_a_call_is_asked_once_and_runs_once_in_whatever_process(world: World) -> None:
    ran: list[Any] = []
    gate = client(world).gate
    reference, state = gate().ask(CALL)
    assert (gate().ask(CALL), state) == ((reference, "pending"), "pending")
    assert gate().wait(reference.id)["state"] == "approved"
    outcome = gate().run(CALL, Reference(reference.id, reference.digest), lambda given: ran.append(given) or "done")
    assert (outcome.state, outcome.result, ran) == ("ran", "done", [dict(CALL.arguments)])
    again = gate().pass_(CALL, ran.append)
    assert (again.state, len(ran), len(world.requests)) == ("already_executed", 1, 1)


def test_a_call_runs_once_though_its_rule_grants_the_credential_three_times(world: World) -> None:
    world.uses = 3
    ran: list[Any] = []
    gate = client(world).gate(credential={"audience": "https://orders.example", "scopes": ["orders:refund"]})

    def tool(parameters: dict[str, Any], credential: str) -> None:
        ran.append(credential)

    reference, _ = gate.ask(CALL)
    assert gate.pass_(CALL, tool).state == "ran"
    # What replays it may be a checkpoint of before, so that it knows of no run.
    assert gate.run(CALL, reference, tool).state == "already_executed"
    world.results.clear()
    assert gate.pass_(CALL, tool).state == "unreported"
    assert (ran, len(world.claimed)) == (["a.b.c"], 1)


def test_an_allowed_call_takes_three_calls_of_the_api(world: World) -> None:
    world.first = "approved"
    assert client(world).gate().pass_(CALL, lambda _: "done").state == "ran"
    assert [call.split("/")[-1] for call in world.calls] == ["approval-requests", "execution", "result"]


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        ("denied", {"denied": True, "by": ["Ann"], "reason": "Too much", "retry": False}),
        ("expired", {"expired": True, "reason": "Nobody decided in time.", "retry": False}),
        ("cancelled", {"cancelled": True, "by": ["Ann"], "reason": None, "retry": False}),
    ],
)
def test_a_no_is_data(world: World, state: str, answer: dict[str, Any]) -> None:
    world.state = state
    ran: list[Any] = []
    outcome = client(world).gate().pass_(CALL, ran.append)
    assert (outcome.state, outcome.answer, ran) == (state, answer, [])


def test_what_is_pending_is_handed_back_and_runs_later(world: World) -> None:
    world.state = "pending"
    ran: list[Any] = []
    waiting = client(world).gate().pass_(CALL, ran.append, wait_seconds=0)
    assert (waiting.state, ran) == ("pending", [])
    assert client(world).gate().run(CALL, waiting.reference, ran.append).state == "pending"
    world.state = "approved"
    assert client(world).gate().run(CALL, waiting.reference, ran.append).state == "ran"


def test_changed_arguments_and_an_edited_reference_run_nothing(world: World) -> None:
    ran: list[Any] = []
    gate = client(world).gate()
    reference, _ = gate.ask(CALL)
    other = ToolCall("thread-1", "call_1", "refund", {"order": "A-1", "amount": 9_999})
    with pytest.raises(PlacetChangedError):
        gate.run(other, reference, ran.append)
    forged = Reference(reference.id, gate.ask(other)[0].digest)
    with pytest.raises(PlacetChangedError):
        gate.run(other, forged, ran.append)
    assert (ran, world.started) == ([], {})


def test_while_placet_is_away_nothing_runs(world: World) -> None:
    ran: list[Any] = []
    world.is_away = True
    with pytest.raises(PlacetApiError):
        client(world).gate().pass_(CALL, ran.append)
    world.url = "http://127.0.0.1:1"
    with pytest.raises(PlacetUnreachableError):
        client(world).gate().pass_(CALL, ran.append)
    assert ran == []


def test_a_secret_never_leaves_and_the_tool_still_gets_it(world: World) -> None:
    secret = "ghp_" + "a" * 36
    given: list[Any] = []
    call = ToolCall("r", "c", "deploy", {"text": f"use {secret}", "password": "hunter2"})
    client(world).gate(actions={"deploy": lambda masked: {"justification": f"with {secret}"}}).pass_(call, given.append)
    assert given == [dict(call.arguments)]
    assert secret not in str(world.requests) and "hunter2" not in str(world.requests)


def test_a_guard_masks_what_looks_like_a_secret_and_the_function_still_gets_it(world: World) -> None:
    ran: list[str] = []
    token = "ghp_" + "a" * 36

    @client(world).guard(
        "notes.add",
        key=lambda note, password: "job-1",
        resource=lambda note, password: f"note/{note}",
        parameters=lambda note, password: {"note": note, "password": password},
        justification=f"as {token} says",
    )
    def add(note: str, password: str) -> None:
        ran.extend([note, password])

    add(token, "hunter2")
    assert ran == [token, "hunter2"]
    [request] = world.requests.values()
    left = json.dumps(request)
    assert "[masked secret_field" in left and "[masked github_token" in left
    assert token not in left and "hunter2" not in left


def test_a_guard_masks_by_rules_of_ones_own(world: World) -> None:
    guard = client(world).guard(
        "notes.add", key=lambda n: "job-1", resource=lambda n: "note/1", parameters=lambda n: {"n": n}, mask=[]
    )
    guard(lambda n: n)("ghp_" + "a" * 36)
    [request] = world.requests.values()
    assert "ghp_" in request["parameters"]["n"]


def test_a_parameter_that_the_policy_masks_is_digested_under_its_salt_and_runs_once(world: World) -> None:
    world.masks = ("amount",)
    world.state = "pending"
    gate = client(world).gate()
    ran: list[Any] = []
    pending = gate.pass_(CALL, ran.append, wait_seconds=0)
    world.state = "approved"
    changed = ToolCall(CALL.run, CALL.id, CALL.tool, {"order": "A-1", "amount": 9_999})
    with pytest.raises(PlacetChangedError):
        gate.run(changed, pending.reference, ran.append)
    assert gate.run(CALL, pending.reference, ran.append).state == "ran"
    assert ran == [{"order": "A-1", "amount": 120}]
    done: list[Any] = []
    assert guarded(world, done)("A-1", 120) == "refunded"
    assert done == [("A-1", 120)]
