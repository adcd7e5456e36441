"""The agent's side: ask, wait, claim, start, report. Holds the agent key and no other state."""

from __future__ import annotations

import functools
import inspect
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .action import action_digest, salts_of
from .errors import (
    PlacetApiError,
    PlacetChangedError,
    PlacetDeniedError,
    PlacetKeyError,
    PlacetSpentError,
    PlacetTimeoutError,
    PlacetUnreachableError,
    is_spent,
)
from .run_key import is_run_key
from .stop import Stop, check, in_thread

if TYPE_CHECKING:
    from .gate import Gate
    from .mask import MaskRule

Request = dict[str, Any]
T = TypeVar("T")

_ANSWER_SECONDS = 15.0
_POLL_SECONDS = 30
_WAIT_SECONDS_MAX = 86_400 + 300
_TAKEN = frozenset({"already_claimed", "already_started", "result_already_reported"})
# Of an answer that does not say `retryable`: what docs/errors.md calls again, and what any server in between says.
_AGAIN_CODES = frozenset({"internal", "rate_limited", "request_timeout", "unavailable"})
_AGAIN = frozenset({408, 425, 429, 502, 503, 504})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key goes to the API that was named and to nobody else."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def open_url(url: str, timeout_seconds: float) -> Any:
    """An answer of 200 of exactly this URL."""
    return _opener.open(url, timeout=timeout_seconds)


class Placet:
    """A client of the approval API at `url`, acting as the agent whose key it is given (RFC 6750)."""

    def __init__(self, url: str, api_key: str, *, attempts_max: int = 6, delay_seconds: float = 0.5) -> None:
        if not api_key:
            raise TypeError("a key is required")
        if not url.startswith(("http://", "https://")):
            raise TypeError("the url must be http or https")
        self._url = url.rstrip("/")
        self._api_key = api_key
        self._attempts_max = attempts_max
        self._delay_seconds = delay_seconds

    def request(
        self,
        action: str,
        resource: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        justification: str | None = None,
        on_behalf_of: str | None = None,
        timeout_seconds: int | None = None,
        credential: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Request:
        """Asks; repeats itself safely, since it keeps one Idempotency-Key."""
        action_digest(action, resource, parameters or {})
        body = {
            "action": action,
            "resource": resource,
            "parameters": dict(parameters or {}),
            "justification": justification,
            "on_behalf_of": on_behalf_of,
            "timeout_seconds": timeout_seconds,
            "credential": None if credential is None else {"type": "jwt", **credential},
        }
        made = self._call(
            "POST",
            "/v1/approval-requests",
            body={name: value for name, value in body.items() if value is not None},
            headers={"idempotency-key": idempotency_key or str(uuid.uuid4())},
        )
        if made.get("digest") != action_digest(action, resource, parameters or {}, salts_of(made)):
            raise PlacetChangedError
        return made

    def get(self, request_id: str, *, wait_seconds: int = 0, attempts_max: int | None = None) -> Request:
        """Reads a request; with `wait_seconds` (0 to 60) once it is no longer pending, or after that time."""
        query = f"?wait_seconds={wait_seconds}" if wait_seconds > 0 else ""
        return self._call("GET", _path(request_id, query), wait_seconds=wait_seconds, attempts_max=attempts_max)

    def wait_for_decision(self, request_id: str, *, timeout_seconds: float = _WAIT_SECONDS_MAX, stop: Stop | None = None) -> Request:
        """Waits until it is no longer pending; raises PlacetTimeoutError after that time."""
        end = time.monotonic() + min(timeout_seconds, _WAIT_SECONDS_MAX)
        while True:
            check(stop)
            left = int(end - time.monotonic())
            if left <= 0:
                raise PlacetTimeoutError(f"No decision on {request_id} in the time given.")
            # While people decide there is time: an outage is borne ten times as long as in other calls.
            attempts_max = self._attempts_max * 10
            request = self.get(request_id, wait_seconds=min(left, _POLL_SECONDS), attempts_max=attempts_max)
            if request["state"] != "pending":
                return request

    def cancel(self, request_id: str) -> Request:
        return self._call("POST", _path(request_id, "/cancel"))

    def claim(self, request_id: str, *, idempotency_key: str | None = None) -> Request:
        """Takes the credential. One key over all tries: a lost answer is given again within a minute, while it is unused."""
        headers = {"idempotency-key": idempotency_key or str(uuid.uuid4())}
        return self._call("POST", _path(request_id, "/credential"), headers=headers)

    def start(self, request_id: str, digest: str, *, idempotency_key: str | None = None) -> Request:
        """Begins without a credential, once, with the digest of what is about to run."""
        headers = {"idempotency-key": idempotency_key or str(uuid.uuid4())}
        answer = self._call("POST", _path(request_id, "/execution"), body={"digest": digest}, headers=headers)
        execution = answer.get("execution")
        if not isinstance(execution, dict) or not isinstance(execution.get("started_at"), str):
            raise PlacetApiError(200, {})
        return execution

    def report(
        self, request_id: str, status: str, *, detail: str | None = None, result_digest: str | None = None
    ) -> Request:
        """Tells how the action went; the first result stands."""
        about = {"status": status, "detail": detail, "result_digest": result_digest}
        body = {name: value for name, value in about.items() if value is not None}
        return dict(self._call("POST", _path(request_id, "/result"), body=body)["result"])

    def take(self, request: Mapping[str, Any], digest: str, credential: Mapping[str, Any] | None) -> Request | None:
        """Takes an approval, once, before anything runs: its credential, or a start without one."""
        try:
            if credential is not None:
                return self.claim(request["id"])
            self.start(request["id"], digest)
            return None
        except PlacetApiError as error:
            if error.code in _TAKEN:
                raise PlacetSpentError(self.get(request["id"])) from error
            raise

    def run_and_report(self, request_id: str, run: Callable[[], T]) -> T:
        """The result of what was approved, or its own error; either is reported first."""
        try:
            result = run()
        except BaseException as error:
            # Only the error's name: its message may hold what the tool was told in confidence.
            self._report(request_id, "failed", type(error).__name__)
            raise
        self._report(request_id, "succeeded", None)
        return result

    def _report(self, request_id: str, status: str, detail: str | None) -> None:
        try:
            self.report(request_id, status, detail=detail)
        except Exception as error:  # noqa: BLE001 - it has run, so nothing is raised any more
            warnings.warn(f"the result of {request_id} was not reported: {error}", stacklevel=2)

    def gate(
        self,
        *,
        actions: Mapping[str, Any] | None = None,
        mask: Sequence[MaskRule] | None = None,
        credential: Mapping[str, Any] | None = None,
        on_behalf_of: str | None = None,
        timeout_seconds: int | None = None,
    ) -> Gate:
        """What stands between an agent framework and its tools."""
        from .gate import Gate
        from .mask import SECRET_RULES, Mask

        masking = Mask(self._api_key, SECRET_RULES if mask is None else mask)
        options = {"credential": credential, "on_behalf_of": on_behalf_of, "timeout_seconds": timeout_seconds}
        return Gate(self, masking, actions or {}, options)

    def guard(
        self,
        action: str,
        *,
        key: Callable[..., str],
        resource: Callable[..., str],
        parameters: Callable[..., Mapping[str, Any]] | None = None,
        justification: str | None = None,
        on_behalf_of: str | None = None,
        timeout_seconds: int | None = None,
        credential: Mapping[str, Any] | None = None,
        mask: Sequence[MaskRule] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Wraps a function, sync or async, so that it runs only after an approval of exactly these arguments.

        What `mask` finds, by default what looks like a secret, is masked before it leaves this process; the function gets it.

        `key` names the run that makes the call: started again with it, the call goes on with the same request. Where a
        credential is asked for, the function gets it as the keyword argument `credential`.
        """

        from .mask import SECRET_RULES, Mask

        masking = Mask(self._api_key, SECRET_RULES if mask is None else mask)

        def begin(
            args: tuple[Any, ...], kwargs: dict[str, Any], stop: Stop | None = None
        ) -> tuple[Request, dict[str, Any], Callable[[], None]]:
            named = key(*args, **kwargs)
            if not is_run_key(named):
                raise PlacetKeyError("guard needs a key of 1 to 255 printable ASCII characters, with the id of the run in it")

            def envelope() -> tuple[str, str, Mapping[str, Any]]:
                given = parameters(*args, **kwargs) if parameters else {}
                return action, masking.text(resource(*args, **kwargs)), masking.parameters(given)

            asked = self.request(
                *envelope(),
                justification=None if justification is None else masking.text(justification),
                on_behalf_of=on_behalf_of,
                timeout_seconds=timeout_seconds,
                credential=credential,
                idempotency_key=named,
            )
            pending = asked["state"] == "pending"
            request = self.wait_for_decision(asked["id"], stop=stop) if pending else self.get(asked["id"])
            if request["state"] != "approved":
                raise PlacetDeniedError(request)
            if is_spent(request):
                raise PlacetSpentError(request)
            # Arguments are the caller's objects and hours may have passed.
            salts = salts_of(asked)

            def check_unchanged() -> None:
                if action_digest(*envelope(), salts) != request["digest"]:
                    raise PlacetChangedError

            check_unchanged()
            check(stop)
            claimed = self.take(request, request["digest"], credential)
            more = {} if claimed is None else {"credential": claimed["credential"]["token"]}
            return request, {**kwargs, **more}, check_unchanged

        def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
            if inspect.iscoroutinefunction(function):
                import asyncio

                @functools.wraps(function)
                async def run_async(*args: Any, **kwargs: Any) -> Any:
                    request, more, check_unchanged = await in_thread(lambda stop: begin(args, kwargs, stop))
                    # Other coroutines ran meanwhile. From here to the function's first line none does.
                    check_unchanged()
                    try:
                        result = await function(*args, **more)
                    except BaseException as error:
                        await asyncio.to_thread(self._report, request["id"], "failed", type(error).__name__)
                        raise
                    await asyncio.to_thread(self._report, request["id"], "succeeded", None)
                    return result

                return run_async

            @functools.wraps(function)
            def run(*args: Any, **kwargs: Any) -> Any:
                request, more, check_unchanged = begin(args, kwargs)
                check_unchanged()
                return self.run_and_report(request["id"], lambda: function(*args, **more))

            return run

        return wrap

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        wait_seconds: float = 0,
        attempts_max: int | None = None,
    ) -> Request:
        limit = attempts_max or self._attempts_max
        for attempt in range(1, limit + 1):
            try:
                return _call_api(self._url, self._api_key, method, path, body, headers, wait_seconds)
            except (PlacetApiError, PlacetUnreachableError) as error:
                pause = self._pause_after(error, attempt)
                if pause is None or attempt == limit:
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _pause_after(self, error: PlacetApiError | PlacetUnreachableError, attempt: int) -> float | None:
        asked = 0.0
        if isinstance(error, PlacetApiError):
            retryable = error.problem.get("retryable")
            is_again = error.code in _AGAIN_CODES or error.status in _AGAIN
            if not (retryable if isinstance(retryable, bool) else is_again):
                return None
            asked = error.retry_after or 0.0
            if asked > 60:
                return None
        backoff = min(self._delay_seconds * float(2 ** (attempt - 1)), 5.0)
        return float(max(asked, backoff / 2) + random.random() * backoff / 2)


def _call_api(
    url: str,
    bearer: str,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    wait_seconds: float = 0,
) -> Request:
    """One HTTP call, for the holder of `bearer`; raises PlacetApiError or PlacetUnreachableError."""
    data = None if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    sent = {"accept": "application/json, application/problem+json", "authorization": f"Bearer {bearer}"}
    if data is not None:
        sent["content-type"] = "application/json"
    call = urllib.request.Request(url.rstrip("/") + path, data=data, method=method, headers={**sent, **(headers or {})})
    try:
        with _opener.open(call, timeout=_ANSWER_SECONDS + wait_seconds) as answer:
            status, text, retry_after = answer.status, answer.read(), None
    except urllib.error.HTTPError as error:
        status, text, retry_after = error.code, error.read(), error.headers.get("retry-after")
    except (OSError, ValueError) as error:
        raise PlacetUnreachableError from error
    document = _parse(text)
    if 200 <= status < 300 and document is not None:
        return document
    seconds = float(retry_after) if retry_after is not None and retry_after.isdigit() else None
    raise PlacetApiError(status, document or {}, seconds)


def _path(request_id: str, rest: str) -> str:
    return f"/v1/approval-requests/{urllib.parse.quote(request_id, safe='')}{rest}"


def _parse(text: bytes) -> Request | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
