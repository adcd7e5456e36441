"""The golden files that the tests of @placet/sdk read, too: what is digested, masked, asked and answered is the same in both
languages."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import POLL_SECONDS

from placet import Placet, PlacetError, StrictJsonError, ToolCall, action_bytes, action_digest

GOLDEN = json.loads((Path(__file__).parents[2] / "sdk/test/golden/wire.json").read_text("utf-8"))


def named(cases: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


@named(GOLDEN["actions"])
def test_an_action_has_its_bytes_and_its_digest(case: dict[str, Any]) -> None:
    assert action_bytes(**case["envelope"]).decode() == case["bytes"]
    assert action_digest(**case["envelope"]) == case["digest"]


@named(GOLDEN["masked"])
def test_masked_parameters_are_digested_under_their_salts(case: dict[str, Any]) -> None:
    assert action_digest(**case["envelope"], salts=case["salts"]) == case["digest"]


@pytest.mark.parametrize("salt", ["", "short", "AAECAwQFBgcICQoLDA0ODx", None])
def test_what_is_no_salt_masks_nothing(salt: Any) -> None:
    with pytest.raises(TypeError):
        action_digest("a", "r", {"a": 1}, {"a": salt})


@named(GOLDEN["refused"])
def test_parameters_that_are_no_strict_json_have_no_digest(case: dict[str, Any]) -> None:
    with pytest.raises(StrictJsonError):
        action_digest("a", "r", json.loads(case["json"]))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, 10**400, {1: 2}, {"a": {3}}, object()])
def test_what_is_no_json_has_no_digest(value: Any) -> None:
    with pytest.raises(StrictJsonError):
        action_digest("a", "r", {"a": value})


@named(GOLDEN["calls"])
def test_a_tool_call_is_asked_under_its_key_with_its_secrets_masked(case: dict[str, Any]) -> None:
    gate = Placet("https://placet.example", GOLDEN["agent_key"]).gate()
    prepared = gate._prepare(ToolCall(**case["call"]))
    assert prepared.ask["parameters"] == case["parameters"]
    assert prepared.digest == case["digest"]
    assert prepared.key == case["idempotency_key"]
    assert prepared.parameters == case["call"]["arguments"]


TALKS = json.loads((Path(__file__).parents[2] / "sdk/test/golden/conversations.json").read_text("utf-8"))


class ToolFailedError(Exception):
    pass


class Stage:
    """The API's side of one conversation: it says its lines in their order, and keeps what was said to it."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self.left = list(exchanges)
        self.heard: list[Any] = []
        self.wanted = [{name: each.get(name) for name in ("method", "path", "body")} for each in exchanges]
        self.keys: list[tuple[str | None, str | None]] = []


@pytest.fixture
def stage() -> Iterator[Callable[[list[dict[str, Any]]], tuple[Stage, str]]]:
    servers: list[ThreadingHTTPServer] = []

    def make(exchanges: list[dict[str, Any]]) -> tuple[Stage, str]:
        made = Stage(exchanges)

        class Handler(BaseHTTPRequestHandler):
            def do(self) -> None:
                sent = self.rfile.read(int(self.headers.get("content-length") or 0))
                body = json.loads(sent) if sent else None
                made.heard.append({"method": self.command, "path": self.path.split("?")[0], "body": body})
                line = made.left.pop(0) if made.left else {"answer": "internal"}
                made.keys.append((self.headers.get("idempotency-key"), line.get("idempotency_key")))
                told = TALKS["answers"][line["answer"]]
                self.send_response(told["status"])
                self.end_headers()
                self.wfile.write((told["text"] if "text" in told else json.dumps(told["body"])).encode())

            do_GET = do_POST = do

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        return made, f"http://127.0.0.1:{server.server_port}"

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.filterwarnings("ignore:the result of")
@named(TALKS["conversations"])
def test_a_call_from_the_ask_to_its_end_is_one_conversation(stage: Any, case: dict[str, Any]) -> None:
    heard, url = stage(case["exchanges"])
    gate = Placet(url, TALKS["agent_key"], attempts_max=2, delay_seconds=0.001).gate(**case.get("options", {}))

    def tool(parameters: dict[str, Any], credential: str | None = None) -> str:
        if case.get("tool") == "raises":
            raise ToolFailedError("private words")
        return "done" if credential is None else f"done with {credential}"

    wait = {"wait_seconds": case["wait_seconds"]} if "wait_seconds" in case else {}
    about = case["outcome"]
    if "error" in about:
        with pytest.raises((PlacetError, ToolFailedError)) as raised:
            gate.pass_(ToolCall(**TALKS["call"]), tool, **wait)
        error = raised.value
        found = {"error": type(error).__name__} | {name: getattr(error, name) for name in about if name != "error"}
    else:
        outcome = gate.pass_(ToolCall(**TALKS["call"]), tool, **wait)
        ended = {"result": outcome.result} if outcome.state == "ran" else {"answer": outcome.answer}
        found = {"state": outcome.state} | ended
    assert found == about
    assert (heard.heard, heard.left) == (heard.wanted, [])
    assert all(key is not None if wanted == "*" else key == wanted for key, wanted in heard.keys)
