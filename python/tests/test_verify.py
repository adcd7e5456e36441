"""Guards the verifier: one valid credential, and each way in which one is none."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from conftest import POLL_SECONDS
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from placet import action_digest
from placet.public_key import is_public_key
from placet.verify import CredentialError, read_jwks, verify_credential

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


@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
@pytest.mark.parametrize("key_alg", [None, "EdDSA", "Ed25519"])
def test_either_name_of_the_algorithm_is_taken(alg: str, key_alg: str | None) -> None:
    jwk = {**JWK, **({"alg": key_alg} if key_alg else {})}
    assert verify(sign({}, algorithm=alg), keys={"keys": [jwk]})["txn"] == "apr_1"


P = 2**255 - 19
SMALL_ORDER = [
    *[(1).to_bytes(32, "little"), (1 + 2**255).to_bytes(32, "little"), (P + 1).to_bytes(32, "little")],
    *[(P + 1 + 2**255).to_bytes(32, "little"), (P - 1).to_bytes(32, "little"), (P - 1 + 2**255).to_bytes(32, "little")],
    *[bytes(32), (2**255).to_bytes(32, "little"), P.to_bytes(32, "little"), (P + 2**255).to_bytes(32, "little")],
    *[bytes.fromhex(f"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc{end}") for end in ("05", "85")],
    *[bytes.fromhex(f"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03{end}") for end in ("7a", "fa")],
]
NOT_CANONICAL = [(P + more + sign_bit).to_bytes(32, "little") for more in range(2, 19) for sign_bit in (0, 2**255)]
NOT_ON_CURVE = [number.to_bytes(32, "little") for number in (2, 7, P - 2, 2 + 2**255)]


def jwk_of(point: bytes) -> dict[str, str]:
    return {**JWK, "x": base64.urlsafe_b64encode(point).decode().rstrip("=")}


@pytest.mark.parametrize("point", [*SMALL_ORDER, *NOT_CANONICAL, *NOT_ON_CURVE, b"", bytes(31), bytes(33)], ids=bytes.hex)
def test_a_set_with_a_key_that_no_private_key_has_made_is_refused(point: bytes) -> None:
    assert not is_public_key(point)
    with pytest.raises(CredentialError) as refused:
        verify(sign({}), keys={"keys": [JWK, {**jwk_of(point), "kid": "another"}]})
    assert refused.value.code == "keys_refused"


def test_a_token_that_nobody_signed_verifies_under_no_key_of_small_order() -> None:
    point = SMALL_ORDER[0]
    signed = sign({}).rsplit(".", 1)[0]
    # R the neutral point and S = 0: SB = R + kA holds for every text when A is neutral too.
    forged = base64.urlsafe_b64encode(point + bytes(32)).decode().rstrip("=")
    Ed25519PublicKey.from_public_bytes(point).verify(point + bytes(32), signed.encode())
    with pytest.raises(CredentialError):
        verify(f"{signed}.{forged}", keys={"keys": [jwk_of(point)]})


def test_keys_of_rfc_8032_and_generated_ones_are_taken() -> None:
    good = [
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
    ]
    made = [Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(20)]
    assert all(is_public_key(point) for point in [*map(bytes.fromhex, good), *made])


@pytest.mark.parametrize(
    ("path", "code"),
    [("/set", None), ("/elsewhere", "keys_unavailable"), ("/large", "keys_unavailable"), ("/none", "keys_unavailable"), ("/list", "keys_refused")],
)
def test_a_key_set_is_read_where_it_is_named_and_within_bounds(path: str, code: str | None) -> None:
    whole = json.dumps({"keys": [JWK]}).encode()
    answers = {"/set": whole, "/large": whole + b" " * 70_000, "/none": b"<html>", "/list": b"[]"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/elsewhere" else 200)
            self.send_header("location", "/set")
            self.end_headers()
            self.wfile.write(answers.get(self.path, b""))

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}{path}"
        if code is None:
            assert read_jwks(url) == {"keys": [JWK]}
        else:
            with pytest.raises(CredentialError) as refused:
                read_jwks(url)
            assert refused.value.code == code
        server.shutdown()


def test_another_action_is_refused() -> None:
    with pytest.raises(CredentialError) as refused:
        verify(sign({}), digest=action_digest("orders.refund", "order/A-1", {"amount": 121}))
    assert refused.value.code == "action_mismatch"
