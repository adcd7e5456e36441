"""The neutral contract between an agent framework and Placet: ask, wait, run. What a framework keeps decides nothing here."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .action import action_digest, canonical_bytes, sha256_digest
from .errors import PlacetApiError, PlacetChangedError, PlacetKeyError, PlacetSpentError, PlacetTimeoutError, is_spent
from .run_key import is_filled
from .stop import Stop, check

if TYPE_CHECKING:
    from .client import Placet, Request
    from .mask import Mask

_NOT_HELD = frozenset({"not_approved", "claim_expired", "quorum_lost", "denied_by_policy"})
_LAPSED = {
    "claim_expired": "It was approved, and not run in the time that an approval holds.",
    "quorum_lost": "It was approved by people who may not approve it any more.",
    "denied_by_policy": "It was approved, and a rule of the policy denies it by now.",
}
_UNREPORTED = "It was begun before and nobody reported how it went: a person has to look whether it ran."


@dataclass(frozen=True)
class ToolCall:
    """One tool call that a model wants: its run stays the same after a restart, its id is the model's own."""

    run: str
    id: str
    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Reference:
    """All that has to be kept of a call that waits; no secret, and it decides nothing."""

    id: str
    digest: str


@dataclass(frozen=True)
class CallOutcome:
    """What became of a call: `ran` with its result, or another state with the answer for the model."""

    state: str
    reference: Reference
    result: Any = None
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class _Prepared:
    parameters: dict[str, Any]
    ask: dict[str, Any]
    digest: str
    key: str


class Gate:
    """Made by `Placet.gate()`. Nothing runs where it raises."""

    def __init__(self, client: Placet, mask: Mask, actions: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        self._client = client
        self._mask = mask
        self._actions = actions
        self._options = options

    def ask(self, call: ToolCall) -> tuple[Reference, str]:
        """Asks, once for a run, call id and digest; the state is the first one, whatever people have done since."""
        request = self._submit(self._prepare(call))
        return _reference(request), str(request["state"])

    def wait(self, request_id: str, timeout_seconds: float = math.inf, *, stop: Stop | None = None) -> Request:
        """Waits, from any process, by id alone; after that time (0: at once) the answer is the request, still pending."""
        if timeout_seconds <= 0:
            return self._client.get(request_id)
        try:
            return self._client.wait_for_decision(request_id, timeout_seconds=timeout_seconds, stop=stop)
        except PlacetTimeoutError:
            return self._client.get(request_id)

    def run(
        self, call: ToolCall, reference: Reference, tool: Callable[..., Any], *, stop: Stop | None = None
    ) -> CallOutcome:
        """Runs the tool if the call, as it is now, is approved and was not run before.

        Where the gate asks for a credential, the tool gets it as the keyword argument `credential`.
        """
        return self._run(self._prepare(call), reference, tool, stop)

    def pass_(
        self,
        call: ToolCall,
        tool: Callable[..., Any],
        *,
        wait_seconds: float = math.inf,
        stop: Stop | None = None,
    ) -> CallOutcome:
        """The three in one; what is still pending after `wait_seconds` is handed back."""
        prepared = self._prepare(call)
        request = self._submit(prepared)
        reference = _reference(request)
        if request["state"] == "pending":
            request = self.wait(request["id"], wait_seconds, stop=stop)
        if request["state"] == "pending":
            return _pending(reference)
        if request["state"] != "approved":
            return _not_run(request, reference)
        return self._run(prepared, reference, tool, stop)

    def _prepare(self, call: ToolCall) -> _Prepared:
        for name, value in (("run", call.run), ("id", call.id), ("tool", call.tool)):
            if not isinstance(value, str) or value == "" or (name != "tool" and not is_filled(value)):
                raise PlacetKeyError(f"a gate needs the {name} of each tool call")
        # A copy that nobody else can change: it is digested, and it runs.
        action_digest(call.tool, call.tool, call.arguments)
        parameters = json.loads(canonical_bytes(call.arguments))
        masked = self._mask.parameters(parameters)
        named = self._actions.get(call.tool, {})
        about = named(masked) if callable(named) else named
        action = about.get("action", call.tool)
        resource = self._mask.text(about.get("resource", f"tool/{call.tool}"))
        justification = about.get("justification")
        digest = action_digest(action, resource, masked)
        key = f"call-{sha256_digest(canonical_bytes([call.run, call.id, digest]))}"
        ask = {"action": action, "resource": resource, "parameters": masked, **self._options}
        if justification is not None:
            ask["justification"] = self._mask.text(justification)
        return _Prepared(parameters, ask, digest, key)

    def _submit(self, prepared: _Prepared) -> Request:
        return self._client.request(**prepared.ask, idempotency_key=prepared.key)

    def _digest_now(self, prepared: _Prepared, reference: Reference) -> str:
        """The digest of the call as it is now. What the policy masks takes its salts, which a repeat of the ask is answered with."""
        if prepared.digest == reference.digest:
            return prepared.digest
        try:
            masked = self._client.get(reference.id).get("masked")
        except PlacetApiError as error:
            if error.code != "not_found":
                raise
            masked = None
        if not masked:
            raise PlacetChangedError
        asked = _reference(self._submit(prepared))
        if asked != reference:
            raise PlacetChangedError
        return asked.digest

    def _run(
        self, prepared: _Prepared, reference: Reference, tool: Callable[..., Any], stop: Stop | None
    ) -> CallOutcome:
        # The reference may have been kept where others write. It only says where to look: the server compares the digest.
        digest = self._digest_now(prepared, reference)
        credential = self._options.get("credential")
        try:
            if credential is not None:
                # A claim is not told what is about to run, and may be granted several times.
                request = self._client.get(reference.id)
                if request["digest"] != digest:
                    raise PlacetChangedError
                if is_spent(request):
                    return _not_run(request, reference)
            check(stop)
            claimed = self._client.take({"id": reference.id}, digest, credential)
        except PlacetSpentError as error:
            return _not_run(error.request, reference)
        except PlacetApiError as error:
            if error.code == "digest_mismatch":
                raise PlacetChangedError from error
            if error.code not in _NOT_HELD:
                raise
            request = self._client.get(reference.id)
            return _pending(reference) if request["state"] == "pending" else _not_run(request, reference, error.code)

        more = {} if claimed is None else {"credential": claimed["credential"]["token"]}

        def run() -> Any:
            check(stop)
            return tool(prepared.parameters, **more)

        result = self._client.run_and_report(reference.id, run)
        return CallOutcome("ran", reference, result=result)


def _reference(request: Mapping[str, Any]) -> Reference:
    return Reference(str(request["id"]), str(request["digest"]))


def _pending(reference: Reference) -> CallOutcome:
    answer = {"pending": True, "approval_request_id": reference.id, "retry": False}
    return CallOutcome("pending", reference, answer=answer)


def _not_run(request: Mapping[str, Any], reference: Reference, code: str | None = None) -> CallOutcome:
    state = str(request["state"])
    outcome = request.get("outcome") or {}
    by, reason, result = outcome.get("by", []), outcome.get("reason"), outcome.get("result")
    if state == "denied":
        answer = {"denied": True, "by": by, "reason": reason, "retry": False}
    elif state == "expired":
        answer = {"expired": True, "reason": "Nobody decided in time.", "retry": False}
    elif state == "cancelled":
        answer = {"cancelled": True, "by": by, "reason": reason, "retry": False}
    elif state != "approved":
        raise TypeError(f"a request cannot be {state} here")
    elif result is not None:
        state = "already_executed"
        answer = {state: True, "status": result["status"], "reported_at": result["reported_at"], "retry": False}
    elif code in _LAPSED:
        state, answer = "lapsed", {"lapsed": True, "reason": _LAPSED[code], "retry": True}
    else:
        state, answer = "unreported", {"unreported": True, "reason": _UNREPORTED, "retry": False}
    return CallOutcome(state, reference, answer=answer)
