"""What is thrown. After any of these the action has not been run by this call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class PlacetError(Exception):
    """Every error of this package."""

    code = "error"


class StrictJsonError(PlacetError):
    """A value is not strict JSON (RFC 7493), or no JSON at all."""

    code = "not_json"


class PlacetApiError(PlacetError):
    """The API refused, in a problem document (RFC 9457): `code` is its stable name."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        code = problem.get("code")
        self.code = code if isinstance(code, str) else "unexpected_answer"
        self.status = status
        self.problem = problem
        self.retry_after = retry_after
        title = problem.get("title", "The answer is not one of the approval API.")
        super().__init__(f"{title} ({self.code}, {status})")


class PlacetUnreachableError(PlacetError):
    """No answer came, in spite of retries."""

    code = "unreachable"

    def __init__(self) -> None:
        super().__init__("The approval API cannot be reached.")


class PlacetTimeoutError(PlacetError):
    """The wait is over and the request still pending."""

    code = "wait_timeout"


class PlacetStoppedError(PlacetError):
    """The caller has given up; told to nobody but the thread that waited for it."""

    code = "stopped"

    def __init__(self) -> None:
        super().__init__("The caller has given up.")


class PlacetChangedError(PlacetError):
    """What would run is not what was asked for."""

    code = "action_changed"

    def __init__(self) -> None:
        super().__init__("The action is not the one that was asked for.")


class PlacetKeyError(PlacetError):
    """No key names the run: nothing was asked."""

    code = "idempotency_key_missing"


class PlacetDeniedError(PlacetError):
    """The request ended without approval: `code` says how."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        outcome = request.get("outcome") or {}
        self.code = str(request["state"])
        self.by: list[str] = list(outcome.get("by", []))
        self.reason: str | None = outcome.get("reason")
        self.request = request
        super().__init__(f"{request['action']} on {request['resource']} was not approved: {self.code}")


def is_spent(request: Mapping[str, Any]) -> bool:
    """Whether something of an approval has begun. Its rule may grant more uses; for one call it is one run all the same."""
    outcome = request.get("outcome") or {}
    return bool(outcome.get("result") or outcome.get("lease") or outcome.get("execution"))


class PlacetSpentError(PlacetError):
    """The approval was acted on before: `already_executed` with its `result`, or `claimed_elsewhere`."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        outcome = request.get("outcome") or {}
        self.result: Mapping[str, Any] | None = outcome.get("result")
        self.code = "claimed_elsewhere" if self.result is None else "already_executed"
        self.request = request
        super().__init__(f"{request['action']} on {request['resource']} ({request['id']}): {self.code}")
