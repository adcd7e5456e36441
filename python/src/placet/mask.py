"""Takes secrets out of what is asked, before anything leaves the process; what is left behind is their keyed digest."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .action import canonical_bytes


@dataclass(frozen=True)
class MaskRule:
    """What is masked: the text that a pattern finds, or all that stands under a member whose name `field` matches."""

    name: str
    pattern: re.Pattern[str] | None = None
    field: re.Pattern[str] | None = None


def _rule(name: str, pattern: str) -> MaskRule:
    return MaskRule(name, pattern=re.compile(pattern, re.ASCII))


SECRET_RULES: tuple[MaskRule, ...] = (
    MaskRule(
        "secret_field",
        field=re.compile(
            r"(?:pass(?:word|phrase|wd)|secret|client_?secret|(?:api|access|secret|private|signing|encryption)_?-?key"
            r"|authorization|credentials?|(?:access_?|refresh_?|id_?|auth_?|bearer_?)?token|cookie|set-cookie)\Z",
            re.IGNORECASE | re.ASCII,
        ),
    ),
    _rule(
        "private_key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z)",
    ),
    _rule("jwt", r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"),
    # The group is the secret: a look-behind of Python has one length.
    _rule("url_password", r"(://[^\s:@/]{0,64}:)([^\s@/]{1,256})(?=@)"),
    _rule("placet_key", r"\bplk_[\w-]{16,}"),
    _rule("aws_key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    _rule("github_token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})"),
    _rule("gitlab_token", r"\bglpat-[\w-]{20,}"),
    _rule("google_key", r"\bAIza[\w-]{35}"),
    _rule("slack_token", r"\bx(?:ox[abeoprs]|app)-[\w-]{10,}"),
    _rule("stripe_key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    _rule("model_key", r"\bsk-[\w-]{20,}"),
    _rule("langsmith_key", r"\blsv2_(?:pt|sk)_\w{20,}"),
    _rule("npm_token", r"\bnpm_[A-Za-z0-9]{36}\b"),
)

#: Text that reads like a mask is masked as well: what stands for a secret is made here and nowhere else.
_FORGED = _rule("mask", r"\[masked [^\s\]]{1,64} [\w-]{22}\]")


class Mask:
    """Masks by these rules; the same value under the same key is the same mask, in any process."""

    def __init__(self, agent_key: str, rules: Sequence[MaskRule] = SECRET_RULES) -> None:
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=b"", info=b"placet/mask/v1")
        self._key = hkdf.derive(agent_key.encode())
        self._patterns = [rule for rule in (_FORGED, *rules) if rule.pattern is not None]
        self._fields = [rule for rule in rules if rule.field is not None]

    def text(self, text: str) -> str:
        for rule in self._patterns:
            assert rule.pattern is not None
            text = rule.pattern.sub(self._replace(rule.name), text)
        return text

    def parameters(self, value: Mapping[str, Any]) -> dict[str, Any]:
        copied = self._copy(value, None)
        assert isinstance(copied, dict)
        return copied

    def _replace(self, name: str) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            if found.re.groups == 2:
                return found[1] + self._hide(name, found[2])
            return self._hide(name, found[0])

        return replace

    def _hide(self, name: str, secret: str) -> str:
        digest = hmac.new(self._key, f"{name}\n{secret}".encode(), hashlib.sha256).digest()
        return f"[masked {name} {base64.urlsafe_b64encode(digest).decode()[:22]}]"

    def _field_of(self, name: str) -> str | None:
        return next((rule.name for rule in self._fields if rule.field and rule.field.match(name)), None)

    def _copy(self, value: Any, under: str | None) -> Any:
        if isinstance(value, (list, tuple)):
            return [self._copy(item, under) for item in value]
        if isinstance(value, Mapping):
            return {self.text(name): self._copy(member, under or self._field_of(name)) for name, member in value.items()}
        if under is not None and value is not None:
            return self._hide(under, _json(value))
        return self.text(value) if isinstance(value, str) else value


def _json(value: Any) -> str:
    """As JSON.stringify writes it: text as it stands, numbers in their one form."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return canonical_bytes(value).decode()
