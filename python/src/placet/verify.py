"""The tool's side: accept a call only when its credential is valid, names exactly this action, and was never spent.

Needs PyJWT (`pip install placet[verify]`). Whatever fails here, also the network, means: do not run.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jwt
from jwt.algorithms import OKPAlgorithm

from .action import action_digest
from .client import _call_api, open_url
from .errors import PlacetError
from .proof import PresentedProof, check_proof
from .public_key import is_public_key

# Two names of one algorithm (RFC 8037, RFC 9864).
_ALGORITHMS = frozenset({"EdDSA", "Ed25519"})
# 32 bytes in base64url with zero spare bits.
_POINT = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_KEYS_BYTES_MAX = 65_536
_HEADER = frozenset({"typ", "alg", "kid"})
_TOKEN_LENGTH_MAX = 8_192
_LIFETIME_SECONDS_MAX = 900
_TOLERANCE_SECONDS = 10

# The library has the algorithm, under its older name. It takes no name that its caller does not list.
with contextlib.suppress(ValueError):
    jwt.register_algorithm("Ed25519", OKPAlgorithm())


class CredentialError(PlacetError):
    """The credential must not be accepted. Its message says nothing; `code` is for the tool's log."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__("The credential is not valid here.")


def read_jwks(url: str, timeout_seconds: float = 10) -> Mapping[str, Any]:
    """The key set of an issuer, from `/.well-known/jwks.json`. A redirect, which would let another host name the keys, is refused."""
    try:
        with open_url(url, timeout_seconds) as answer:
            text = answer.read(_KEYS_BYTES_MAX + 1)
        if len(text) > _KEYS_BYTES_MAX:
            raise ValueError("the key set is too large")
        document = json.loads(text)
    except (OSError, ValueError) as error:
        raise CredentialError("keys_unavailable") from error
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise CredentialError("keys_refused")
    return document


def _key_of(keys: Mapping[str, Any], kid: str) -> jwt.PyJWK:
    """The one key of that name. A set with a key that none can have made is refused whole: its publisher is confused."""
    for key in keys["keys"]:
        if key.get("kty") == "OKP" and key.get("crv") == "Ed25519" and not _is_ours(key):
            raise CredentialError("keys_refused")
    found = [key for key in keys["keys"] if key.get("kid") == kid]
    if len(found) != 1 or found[0].get("kty") != "OKP" or found[0].get("crv") != "Ed25519":
        raise CredentialError("key_unknown")
    # The library knows one of the two names.
    return jwt.PyJWK({**found[0], "alg": "EdDSA"}, algorithm="EdDSA")


def _is_ours(key: Mapping[str, Any]) -> bool:
    x = key.get("x")
    if key.get("alg", "EdDSA") not in _ALGORITHMS or not isinstance(x, str) or not _POINT.fullmatch(x):
        return False
    return _is_point(x)


@lru_cache(maxsize=32)
def _is_point(x: str) -> bool:
    return is_public_key(base64.urlsafe_b64decode(f"{x}="))


def verify_credential(
    token: str,
    *,
    issuer: str,
    audience: str,
    keys: Mapping[str, Any],
    digest: str | None = None,
    proof: PresentedProof | None = None,
) -> dict[str, Any]:
    """The claims of a valid credential (RFC 9068, Ed25519); with `digest`, of exactly this action. It spends nothing.

    One that is bound to a key of the agent (`cnf`) is refused without the proof that came with the call (RFC 9449).
    """
    if len(token) > _TOKEN_LENGTH_MAX:
        raise CredentialError("token_too_long")
    try:
        header = jwt.get_unverified_header(token)
        if set(header) != _HEADER or header["typ"] != "at+jwt" or header["alg"] not in _ALGORITHMS:
            raise CredentialError("header_refused")
        claims: dict[str, Any] = jwt.decode(
            token,
            _key_of(keys, header["kid"]).key,
            algorithms=[header["alg"]],
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
    _check_sender(token, claims, proof)
    return claims


def _check_sender(token: str, claims: Mapping[str, Any], proof: PresentedProof | None) -> None:
    if "cnf" not in claims:
        # A proof that nobody asked for proves nothing.
        if proof is not None:
            raise CredentialError("proof_invalid")
        return
    cnf = claims["cnf"]
    # A binding of another kind must not pass as none.
    if not isinstance(cnf, dict) or set(cnf) != {"jkt"} or not isinstance(cnf["jkt"], str):
        raise CredentialError("sender_constraint_unsupported")
    if proof is None:
        raise CredentialError("proof_missing")
    try:
        check_proof(proof, token, cnf["jkt"])
    except Exception as error:
        raise CredentialError("proof_invalid") from error


def _check_claims(claims: Mapping[str, Any], digest: str | None) -> None:
    issued, ends = claims["iat"], claims["exp"]
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
    proof: PresentedProof | None = None,
) -> dict[str, Any]:
    """Verifies, compares and spends in one step; returns only when the action may run now, once."""
    action_digest(action, resource, parameters)
    claims = verify_credential(token, issuer=issuer, audience=audience, keys=keys, proof=proof)
    [detail] = claims["authorization_details"]
    try:
        digest = action_digest(action, resource, parameters, detail.get("salts"))
    except (TypeError, AttributeError) as error:
        raise CredentialError("details_invalid") from error
    if not hmac.compare_digest(str(detail.get("digest")), digest):
        raise CredentialError("action_mismatch")
    body: dict[str, Any] = {"digest": digest}
    headers: dict[str, str] = {}
    if proof is not None:
        # What is bound is never sent as if anybody might bear it; the server checks the proof once more, and takes it once.
        body["dpop"] = {"proof": proof.jwt, "method": proof.method, "url": proof.url}
        headers["authorization"] = f"DPoP {token}"
    answer = _call_api(url, token, "POST", f"/v1/leases/{claims['jti']}/use", body, headers)
    lease = answer.get("lease")
    # Anything but a plain yes is a no.
    if not isinstance(lease, dict) or lease.get("id") != claims["jti"] or lease.get("state") != "used":
        raise CredentialError("not_spent")
    return claims
