"""Guards bound credentials: the proof of this very call by the key that it is bound to, and each way in which one is none."""

import base64
import hashlib
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from placet.proof import PresentedProof
from placet.verify import CredentialError
from test_verify import sign, verify

CALL = {"method": "POST", "url": "https://orders.example/refunds"}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Holder:
    """Whoever has a key, and makes proofs with it."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        is_ec = algorithm == "ES256"
        self.key: Any = ec.generate_private_key(ec.SECP256R1()) if is_ec else Ed25519PrivateKey.generate()
        kind = ECAlgorithm if is_ec else OKPAlgorithm
        self.jwk = {name: value for name, value in json.loads(kind.to_jwk(self.key.public_key())).items() if name != "key_ops"}
        self.private = json.loads(kind.to_jwk(self.key))
        text = json.dumps({name: self.jwk[name] for name in ("crv", "kty", "x", "y") if name in self.jwk}, separators=(",", ":"))
        self.jkt = b64(hashlib.sha256(text.encode()).digest())
        self.token = sign({"cnf": {"jkt": self.jkt}})

    def prove(self, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None, key: Any = None) -> str:
        made = {
            **{"jti": "one", "iat": int(time.time()), "htm": CALL["method"], "htu": CALL["url"]},
            **{"ath": b64(hashlib.sha256(self.token.encode()).digest()), **(claims or {})},
        }
        kept = {name: value for name, value in made.items() if value is not None}
        return jwt.encode(kept, key or self.key, algorithm=self.algorithm, headers={"typ": "dpop+jwt", "jwk": self.jwk, **(header or {})})


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "Ed25519"])
@pytest.mark.parametrize("url", [CALL["url"], "https://ORDERS.example:443/refunds?a=1#b"])
def test_a_bound_credential_is_taken_with_the_proof_of_its_key(algorithm: str, url: str) -> None:
    holder = Holder(algorithm)
    proof = PresentedProof(holder.prove(), CALL["method"], url)
    assert verify(holder.token, proof=proof)["cnf"] == {"jkt": holder.jkt}


HOLDER, OTHER = Holder(), Holder()
NOW = int(time.time())


@pytest.mark.parametrize(
    "proof",
    [
        HOLDER.prove({"htm": "GET"}),
        HOLDER.prove({"htm": "post"}),
        *[HOLDER.prove({"htu": f"https://orders.example{path}"}) for path in ("/", "/REFUNDS", "/refunds/", ":444/refunds")],
        HOLDER.prove({"htu": "http://orders.example/refunds"}),
        HOLDER.prove({"htu": "https://orders.example@evil.example/refunds"}),
        HOLDER.prove({"htu": None}),
        HOLDER.prove({"htu": 1}),
        HOLDER.prove({"ath": None}),
        HOLDER.prove({"ath": "x"}),
        HOLDER.prove({"iat": NOW - 600}),
        HOLDER.prove({"iat": NOW + 600}),
        HOLDER.prove({"iat": float(NOW)}),
        HOLDER.prove({"jti": ""}),
        HOLDER.prove({"jti": "a" * 257}),
        HOLDER.prove({"jti": None}),
        HOLDER.prove(header={"typ": "JWT"}),
        HOLDER.prove(header={"kid": "x"}),
        HOLDER.prove(header={"jwk": HOLDER.private}),
        HOLDER.prove(header={"jwk": {"kty": "oct", "k": "AAAA"}}),
        HOLDER.prove(header={"jwk": None}),
        HOLDER.prove(header={"jwk": OTHER.jwk}),
        HOLDER.prove(key=OTHER.key),
        OTHER.prove({"ath": b64(hashlib.sha256(HOLDER.token.encode()).digest())}),
        jwt.encode({"jti": "one"}, "a secret that is long enough for it", algorithm="HS256", headers={"typ": "dpop+jwt", "jwk": HOLDER.jwk}),
        jwt.encode({"jti": "one"}, None, algorithm="none", headers={"typ": "dpop+jwt", "jwk": HOLDER.jwk}),
        HOLDER.token,
        "a.b.c",
        "",
        "a" * 5_000,
    ],
)
def test_any_other_proof_is_refused_and_whoever_shows_it_learns_nothing(proof: str) -> None:
    with pytest.raises(CredentialError) as refused:
        verify(HOLDER.token, proof=PresentedProof(proof, **CALL))
    assert (refused.value.code, str(refused.value)) == ("proof_invalid", "The credential is not valid here.")


def test_without_a_proof_it_is_refused_and_a_proof_that_nobody_asked_for_too() -> None:
    with pytest.raises(CredentialError) as bare:
        verify(HOLDER.token)
    assert bare.value.code == "proof_missing"
    with pytest.raises(CredentialError) as odd:
        verify(sign({}), proof=PresentedProof(HOLDER.prove(), **CALL))
    assert odd.value.code == "proof_invalid"


@pytest.mark.parametrize("cnf", [{}, {"x5t#S256": "x"}, {"jkt": HOLDER.jkt, "x5t#S256": "x"}, {"jkt": 1}, "x"])
def test_a_binding_of_another_kind_does_not_pass_as_none(cnf: Any) -> None:
    with pytest.raises(CredentialError):
        verify(sign({"cnf": cnf}), proof=PresentedProof(HOLDER.prove(), **CALL))
