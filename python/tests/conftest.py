"""A stand-in of the API, in the shape of its wire, that decides as a test says. The real one is met in test/python of the tree."""

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from placet import action_digest


SALT = "AAECAwQFBgcICQoLDA0ODw"
# How long the end of a server takes; half a second by default, for each test.
POLL_SECONDS = 0.01


class World:
    """What the stand-in knows; `state` is what reads of a pending request find."""

    def __init__(self) -> None:
        self.state = "approved"
        self.first = "pending"
        self.is_away = False
        # The names of parameters that the policy masks.
        self.masks: tuple[str, ...] = ()
        self.requests: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.started: dict[str, str] = {}
        # How often a rule still grants a credential, and the requests whose was claimed.
        self.uses = 1
        self.claimed: list[str] = []
        self.results: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.url = ""

    def answer(self, method: str, path: str, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        parts = path.split("?")[0].strip("/").split("/")
        if method == "POST" and len(parts) == 2:
            return self.create(key, body)
        request = self.requests.get(parts[2])
        if request is None:
            return 404, {"code": "not_found"}
        verb = parts[3] if len(parts) > 3 else None
        if verb is None:
            return 200, self.read(request)
        if verb == "credential":
            return self.claim(request)
        if verb == "execution":
            return self.start(request, body)
        self.results[request["id"]] = {**body, "reported_at": "now"}
        return 200, {"result": self.results[request["id"]]}

    def create(self, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if key not in self.keys:
            made = {**body, "id": f"apr_{uuid.uuid4()}", "state": self.first, "outcome": None}
            salts = {name: SALT for name in self.masks}
            made["digest"] = action_digest(body["action"], body["resource"], body["parameters"], salts)
            made["masked"] = {name: {"salt": salt} for name, salt in salts.items()} or None
            self.keys[key] = made["id"]
            self.requests[made["id"]] = made
        return 201, self.requests[self.keys[key]]

    def read(self, request: dict[str, Any]) -> dict[str, Any]:
        state = self.state if request["state"] == "pending" else request["state"]
        # Only the answer to the ask has the salts.
        shown = {name: {"salt": None} for name in request["masked"] or {}} or None
        request = {**request, "masked": shown}
        if state == "pending":
            return {**request, "state": state}
        execution = {"started_at": "now"} if request["id"] in self.started else None
        lease = {"id": "lse_1", "state": "active"} if request["id"] in self.claimed else None
        reason = "Too much" if state == "denied" else None
        outcome = {"by": ["Ann"], "reason": reason, "execution": execution, "lease": lease}
        return {**request, "state": state, "outcome": {**outcome, "result": self.results.get(request["id"])}}

    def claim(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if len(self.claimed) >= self.uses:
            return 409, {"code": "already_claimed"}
        self.claimed.append(request["id"])
        return 200, {"credential": {"type": "jwt", "token": "a.b.c"}, "lease": {"id": "lse_1"}}

    def start(self, request: dict[str, Any], body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.read(request)["state"] != "approved":
            return 409, {"code": "not_approved"}
        if body["digest"] != request["digest"]:
            return 403, {"code": "digest_mismatch"}
        if request["id"] in self.started:
            return 409, {"code": "already_started"}
        self.started[request["id"]] = "now"
        return 200, {"execution": {"started_at": "now"}}


@pytest.fixture
def world() -> Iterator[World]:
    known = World()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            known.calls.append(f"{self.command} {self.path.split('?')[0]}")
            key = self.headers.get("idempotency-key", "")
            away = (503, {"code": "unavailable"})
            status, answer = away if known.is_away else known.answer(self.command, self.path, key, body)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = do

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
    known.url = f"http://127.0.0.1:{server.server_port}"
    yield known
    server.shutdown()
    server.server_close()
