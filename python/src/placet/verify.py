"""The tool's side: accept a call only when its credential is valid, names exactly this action, and was never spent.

Needs PyJWT (`pip install placet[verify]`). Whatever fails here, also the network, means: do not run.
"""

from __future__ import annotations

import hmac
import json
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

import jwt

from .action import action_digest
from .client import _call_api
from .errors import PlacetError

_HEADER = frozenset({"typ", "alg", "kid"})
_TOKEN_LENGTH_MAX = 8_192
_LIFETIME_SECONDS_MAX = 900
_TOLERANCE_SECONDS = 10


class CredentialError(PlacetError):
    """The credential must not be accepted. Its message says nothing; `code` is for the tool's log."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__("The credential is not valid here.")


def read_jwks(url: str, timeout_seconds: float = 10) -> Mapping[str, Any]:
    """The key set of an issuer, from `/.well-known/jwks.json`."""
    with urllib.request.urlopen(url, timeout=timeout_seconds) as answer:
        document: Mapping[str, Any] = json.load(answer)
    return document


def verify_credential(
    token: str, *, issuer: str, audience: str, keys: Mapping[str, Any], digest: str | None = None
) -> dict[str, Any]:
    """The claims of a valid credential (RFC 9068, Ed25519); with `digest`, of exactly this action. It spends nothing."""
    if len(token) > _TOKEN_LENGTH_MAX:
        raise CredentialError("token_too_long")
    try:
        header = jwt.get_unverified_header(token)
        if set(header) != _HEADER or header["typ"] != "at+jwt" or header["alg"] != "EdDSA":
            raise CredentialError("header_refused")
        found = [key for key in keys["keys"] if key.get("kid") == header["kid"]]
        if len(found) != 1 or found[0].get("kty") != "OKP" or found[0].get("crv") != "Ed25519":
            raise CredentialError("key_unknown")
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(found[0], algorithm="EdDSA").key,
            algorithms=["EdDSA"],
            audience=audience,
            issuer=issuer,
            # `exp` is never prolonged; only an issuer whose clock is ahead is borne with, below.
            options={"require": ["exp", "iat", "nbf", "jti", "txn", "aud", "iss", "sub"], "strict_aud": True, "verify_iat": False, "verify_nbf": False},
        )
    except CredentialError:
        raise
    except Exception as error:
        raise CredentialError("token_refused") from error
    _check_claims(claims, digest)
    return claims


def _check_claims(claims: Mapping[str, Any], digest: str | None) -> None:
    issued, ends = claims["iat"], claims["exp"]
    if "cnf" in claims:
        raise CredentialError("sender_constraint_unsupported")
    if claims["nbf"] != issued or not 0 < ends - issued <= _LIFETIME_SECONDS_MAX:
        raise CredentialError("lifetime_refused")
    if issued > time.time() + _TOLERANCE_SECONDS:
        raise CredentialError("issued_in_the_future")
    details = claims.get("authorization_details")
    if claims.get("max_uses") != 1 or not isinstance(details, list) or len(details) != 1:
        raise CredentialError("details_invalid")
    [detail] = details
    is_ours = detail.get("type") == "placet_action" and detail.get("approval_request_id") == claims["txn"]
    if not is_ours or detail.get("locations") != [claims["aud"]]:
        raise CredentialError("details_invalid")
    if digest is not None and not hmac.compare_digest(str(detail.get("digest")), digest):
        raise CredentialError("action_mismatch")


def authorize_call(
    token: str,
    *,
    url: str,
    issuer: str,
    audience: str,
    keys: Mapping[str, Any],
    action: str,
    resource: str,
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    """Verifies, compares and spends in one step; returns only when the action may run now, once."""
    action_digest(action, resource, parameters)
    claims = verify_credential(token, issuer=issuer, audience=audience, keys=keys)
    [detail] = claims["authorization_details"]
    try:
        digest = action_digest(action, resource, parameters, detail.get("salts"))
    except (TypeError, AttributeError) as error:
        raise CredentialError("details_invalid") from error
    if not hmac.compare_digest(str(detail.get("digest")), digest):
        raise CredentialError("action_mismatch")
    answer = _call_api(url, token, "POST", f"/v1/leases/{claims['jti']}/use", {"digest": digest})
    lease = answer.get("lease")
    # Anything but a plain yes is a no.
    if not isinstance(lease, dict) or lease.get("id") != claims["jti"] or lease.get("state") != "used":
        raise CredentialError("not_spent")
    return claims
