"""The canonical form (RFC 8785) of an action, and its digest: what approver, credential and tool share."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any

import rfc8785

from .errors import StrictJsonError

_DOMAINS = {1: b"placet/action/v1\n", 2: b"placet/action/v2\n"}
_SALT = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_SAFE = 2**53 - 1
_DEPTH_MAX = 64


def canonical_bytes(value: Any) -> bytes:
    """The canonical form of a JSON value. Raises StrictJsonError for what is none, or what two parsers might read differently."""
    return rfc8785.dumps(_copy(value, 0))


def action_bytes(
    action: str, resource: str, parameters: Mapping[str, Any], masked: Mapping[str, Any] | None = None
) -> bytes:
    """The bytes whose SHA-256 is an action's digest; `masked` stands for the parameters that the policy masks."""
    if not isinstance(parameters, Mapping):
        raise StrictJsonError("parameters: must be an object")
    version = 2 if masked else 1
    envelope = {"v": version, "action": action, "resource": resource, "parameters": parameters}
    return _DOMAINS[version] + canonical_bytes({**envelope, "masked": masked} if masked else envelope)


def action_digest(
    action: str, resource: str, parameters: Mapping[str, Any], salts: Mapping[str, str] | None = None
) -> str:
    """`sha256:` and 64 hexadecimal digits. Where parameters are masked it takes their salts, of the answer or the credential."""
    # The whole action is judged first, with the values that are masked.
    whole = action_bytes(action, resource, parameters)
    known = salts or {}
    masked = {name: mask_value(value, known[name]) for name, value in parameters.items() if name in known}
    if not masked:
        return sha256_digest(whole)
    shown = {name: value for name, value in parameters.items() if name not in masked}
    return sha256_digest(action_bytes(action, resource, shown, masked))


def mask_value(value: Any, salt: str) -> dict[str, Any]:
    """What stands for a value under a salt: SHA-256 over the salt's 16 bytes and the value's canonical form."""
    if not isinstance(salt, str) or _SALT.fullmatch(salt) is None:
        raise TypeError("a salt is 16 bytes in base64url")
    canonical = canonical_bytes(value)
    commitment = sha256_digest(base64.urlsafe_b64decode(salt + "==") + canonical)
    text = value if isinstance(value, str) else canonical.decode()
    return {"commitment": commitment, "type": _type_of(value), "length": len(text)}


def salts_of(request: Mapping[str, Any]) -> dict[str, str]:
    """The salts in the answer to an ask; only that one and its repeats have them."""
    return {name: each["salt"] for name, each in (request.get("masked") or {}).items() if each.get("salt")}


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


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
