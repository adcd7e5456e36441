"""Guards the verifier: one valid credential, and each way in which one is none."""

import base64
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from placet import action_digest
from placet.verify import CredentialError, verify_credential

ISSUER, AUDIENCE, KID = "https://placet.example", "https://orders.example", "a" * 43
KEY = Ed25519PrivateKey.generate()
X = base64.urlsafe_b64encode(KEY.public_key().public_bytes_raw()).decode().rstrip("=")
JWK = {"kty": "OKP", "crv": "Ed25519", "kid": KID, "x": X}
DIGEST = action_digest("orders.refund", "order/A-1", {"amount": 120})


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    detail = {
        **{"type": "placet_action", "actions": ["orders.refund"], "locations": [AUDIENCE]},
        **{"identifier": "order/A-1", "digest": DIGEST, "approval_request_id": "apr_1"},
    }
    made = {
        **{"iss": ISSUER, "sub": "agt_1", "client_id": "agt_1", "aud": AUDIENCE, "scope": "orders:refund"},
        **{"jti": "lse_1", "iat": now, "nbf": now, "exp": now + 300, "txn": "apr_1", "max_uses": 1},
        "authorization_details": [detail],
    }
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def sign(changes: dict[str, Any], headers: dict[str, Any] | None = None, key: Any = KEY, algorithm: str = "EdDSA") -> str:
    made = headers if headers is not None else {"typ": "at+jwt", "kid": KID}
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=made)


def verify(token: str, **changes: Any) -> dict[str, Any]:
    options = {"issuer": ISSUER, "audience": AUDIENCE, "keys": {"keys": [JWK]}, "digest": DIGEST}
    return verify_credential(token, **{**options, **changes})


def test_a_valid_credential_is_taken() -> None:
    assert verify(sign({}))["txn"] == "apr_1"


NOW = int(time.time())


@pytest.mark.parametrize(
    "token",
    [
        sign({"iss": "https://other.example"}),
        sign({"aud": "https://other.example"}),
        sign({"aud": [AUDIENCE, "https://other.example"]}),
        sign({"iat": NOW - 400, "nbf": NOW - 400, "exp": NOW - 100}),
        sign({"exp": NOW + 1_000}),
        sign({"iat": NOW + 60, "nbf": NOW + 60, "exp": NOW + 200}),
        sign({"nbf": NOW - 10}),
        sign({"max_uses": 2}),
        sign({"jti": None}),
        sign({"cnf": {"jkt": "x"}}),
        sign({"txn": "apr_2"}),
        sign({"authorization_details": []}),
        sign({}, {"typ": "JWT", "kid": KID}),
        sign({}, {"typ": "at+jwt", "kid": "b" * 43}),
        sign({}, {"typ": "at+jwt", "kid": KID, "jwk": JWK}),
        sign({}, key=Ed25519PrivateKey.generate()),
        sign({}, key="a secret that is long enough for it", algorithm="HS256"),
        sign({}, key=None, algorithm="none"),
        sign({})[:-4] + "AAAA",
        "a.b.c",
        "",
        "a" * 10_000,
    ],
)
def test_any_other_is_refused_and_learns_nothing(token: str) -> None:
    with pytest.raises(CredentialError) as refused:
        verify(token)
    assert str(refused.value) == "The credential is not valid here."


def test_another_action_is_refused() -> None:
    with pytest.raises(CredentialError) as refused:
        verify(sign({}), digest=action_digest("orders.refund", "order/A-1", {"amount": 121}))
    assert refused.value.code == "action_mismatch"
