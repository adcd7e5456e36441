"""The canonical form (RFC 8785) of an action, and its digest: what approver, credential and tool share."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import rfc8785

from .errors import StrictJsonError

_DOMAIN = b"placet/action/v1\n"
_SAFE = 2**53 - 1
_DEPTH_MAX = 64


def canonical_bytes(value: Any) -> bytes:
    """The canonical form of a JSON value. Raises StrictJsonError for what is none, or what two parsers might read differently."""
    return rfc8785.dumps(_copy(value, 0))


def action_bytes(action: str, resource: str, parameters: Mapping[str, Any]) -> bytes:
    """The bytes whose SHA-256 is an action's digest."""
    if not isinstance(parameters, Mapping):
        raise StrictJsonError("parameters: must be an object")
    envelope = {"v": 1, "action": action, "resource": resource, "parameters": parameters}
    return _DOMAIN + canonical_bytes(envelope)


def action_digest(action: str, resource: str, parameters: Mapping[str, Any]) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    return sha256_digest(action_bytes(action, resource, parameters))


def sha256_digest(data: bytes) -> str:
    """The same over any bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _copy(value: Any, depth: int) -> Any:
    if depth > _DEPTH_MAX:
        raise StrictJsonError("is nested too deep")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise StrictJsonError("a number must be finite")
        # Both are 0 in JSON's one form.
        return 0 if value == 0 else value
    if isinstance(value, (list, tuple)):
        return [_copy(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {_name(name): _copy(member, depth + 1) for name, member in value.items()}
    raise StrictJsonError(f"{type(value).__name__} is no JSON value")


def _integer(value: int) -> int | float:
    if abs(value) <= _SAFE:
        return value
    try:
        exact = float(value)
    except OverflowError:
        exact = math.inf
    if not math.isfinite(exact) or int(exact) != value:
        raise StrictJsonError("a number is not exact: send it as text")
    return exact


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise StrictJsonError("a member's name must be text")
    return _text(name)


def _text(text: str) -> str:
    for character in text:
        point = ord(character)
        if 0xD800 <= point <= 0xDFFF:
            raise StrictJsonError("half of a character stands in a text")
        if point == 0 or 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE:
            raise StrictJsonError("a text has a character that is none")
    return text
