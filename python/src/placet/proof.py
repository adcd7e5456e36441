"""Proofs of possession (DPoP, RFC 9449) as a tool is shown them: of this very call, with this very credential, of the key that it is bound to.

That no proof is taken twice is the server's to say, which is handed each of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt

from .public_key import is_public_key

_LENGTH_MAX = 4_096
_JTI_LENGTH_MAX = 256
# How old a proof may be, and how far ahead its maker's clock.
_SECONDS_MAX = 60
# Which algorithms a key takes, and the members that its thumbprint is over (RFC 7638, RFC 8037).
_KINDS: Mapping[tuple[Any, Any], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("EC", "P-256"): (("ES256",), ("crv", "kty", "x", "y")),
    ("OKP", "Ed25519"): (("EdDSA", "Ed25519"), ("crv", "kty", "x")),
}
# All that a public key has; a private or symmetric one has more.
_KEY_MEMBERS = frozenset({"kty", "crv", "x", "y", "kid", "alg", "use", "key_ops", "ext"})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class PresentedProof:
    """The header `DPoP` of a call, with the method and the whole address that it came to, as its caller has it."""

    jwt: str
    method: str
    url: str


def check_proof(proof: PresentedProof, token: str, jkt: str) -> None:
    """Raises ValueError, or an error of PyJWT, unless it proves this call with this credential by the key of this thumbprint."""
    if len(proof.jwt) > _LENGTH_MAX:
        raise ValueError("too long")
    header = jwt.get_unverified_header(proof.jwt)
    if set(header) != {"typ", "alg", "jwk"} or header["typ"] != "dpop+jwt":
        raise ValueError("header")
    claims = jwt.decode(
        proof.jwt,
        _key_of(header["alg"], header["jwk"], jkt).key,
        algorithms=[header["alg"]],
        # The times are judged below: a clock that is a little ahead is borne with.
        options={"require": ["jti", "iat", "htm", "htu", "ath"], "verify_iat": False, "verify_aud": False},
    )
    hashed = _base64url(hashlib.sha256(token.encode("ascii")).digest())
    if claims["htm"] != proof.method or _place_of(claims["htu"]) != _place_of(proof.url):
        raise ValueError("another call")
    if not isinstance(claims["ath"], str) or not hmac.compare_digest(claims["ath"], hashed):
        raise ValueError("another credential")
    jti, issued = claims["jti"], claims["iat"]
    if not isinstance(jti, str) or not 0 < len(jti) <= _JTI_LENGTH_MAX:
        raise ValueError("jti")
    if type(issued) is not int or abs(time.time() - issued) > _SECONDS_MAX:
        raise ValueError("another time")


def _key_of(algorithm: Any, jwk: Any, jkt: str) -> jwt.PyJWK:
    if not isinstance(jwk, dict) or not set(jwk) <= _KEY_MEMBERS:
        raise ValueError("jwk")
    algorithms, members = _KINDS.get((jwk.get("kty"), jwk.get("crv")), ((), ()))
    if algorithm not in algorithms or not all(isinstance(jwk.get(name), str) for name in members):
        raise ValueError("alg")
    text = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"), sort_keys=True)
    if not hmac.compare_digest(_base64url(hashlib.sha256(text.encode()).digest()), jkt):
        raise ValueError("another key")
    if jwk["kty"] == "OKP" and not is_public_key(base64.urlsafe_b64decode(f"{jwk['x']}=")):
        raise ValueError("no key")
    # The library knows one of the two names.
    known = "EdDSA" if jwk["kty"] == "OKP" else algorithm
    return jwt.PyJWK({name: jwk[name] for name in members}, algorithm=known)


def _place_of(url: Any) -> tuple[str, str, int, str]:
    """The address without query and fragment (RFC 9449 section 4.3)."""
    parts = urlsplit(url if isinstance(url, str) else "")
    port = parts.port or _PORTS.get(parts.scheme)
    if not parts.hostname or port is None or parts.username is not None:
        raise ValueError("no address")
    return parts.scheme, parts.hostname, port, parts.path or "/"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
