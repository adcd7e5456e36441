"""The name of one run, as its caller gives it: what the API takes for a key, and texts in which an id was missing."""

from __future__ import annotations

import re
from typing import Any

_KEY = re.compile(r"(?! )[\x20-\x7e]{1,255}(?<! )")
# What stands in a text where an id was missing: every run would have this name, and only the first one would act. Or no two would.
_UNFILLED = re.compile(
    r"(?:^|[^A-Za-z0-9])(?:None|nan|NaN|NaT|null|undefined|\[object [A-Za-z]+\])(?:$|[^A-Za-z0-9])"
    r"|<.* at 0x[0-9A-Fa-f]+>|<(?:built-in|class) [^<>]*>"
    # A place of a template that nobody filled: ${id}, {{ id }}, {id}, $JOB_ID, %JOB_ID%, %s.
    r"|\$\{|\{\{|\{[A-Za-z_][\w.]*\}|\$[A-Z_]{2}|%[A-Z_][A-Z0-9_]{2,}%|%[sd](?![A-Za-z0-9])"
)


def is_filled(text: str) -> bool:
    """True when no id is missing in a text that should have one."""
    return _UNFILLED.search(text) is None


def is_run_key(key: Any) -> bool:
    """True for a key that names one run."""
    return isinstance(key, str) and _KEY.fullmatch(key) is not None and is_filled(key)
