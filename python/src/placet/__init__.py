"""Approvals for AI agents, in Slack. The wire shapes are those of @placet/sdk, proven by one file of golden vectors."""

from .action import action_bytes, action_digest, canonical_bytes, sha256_digest
from .client import Placet
from .errors import (
    PlacetApiError,
    PlacetChangedError,
    PlacetDeniedError,
    PlacetError,
    PlacetKeyError,
    PlacetSpentError,
    PlacetTimeoutError,
    PlacetUnreachableError,
    StrictJsonError,
)
from .gate import CallOutcome, Gate, Reference, ToolCall
from .mask import SECRET_RULES, MaskRule

__all__ = [
    "SECRET_RULES",
    "CallOutcome",
    "Gate",
    "MaskRule",
    "Placet",
    "PlacetApiError",
    "PlacetChangedError",
    "PlacetDeniedError",
    "PlacetError",
    "PlacetKeyError",
    "PlacetSpentError",
    "PlacetTimeoutError",
    "PlacetUnreachableError",
    "Reference",
    "StrictJsonError",
    "ToolCall",
    "action_bytes",
    "action_digest",
    "canonical_bytes",
    "sha256_digest",
]
