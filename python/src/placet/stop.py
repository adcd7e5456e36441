"""How a coroutine that is cancelled stops the thread that waits for it: it takes no approval any more, and runs nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from .errors import PlacetStoppedError

T = TypeVar("T")


class Stop:
    """Set by whoever gives up, and looked at before each step that has an effect."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def check(self) -> None:
        if self._event.is_set():
            raise PlacetStoppedError


def check(stop: Stop | None) -> None:
    """Raises PlacetStoppedError where the caller has given up; one without a stop never does."""
    if stop is not None:
        stop.check()


async def in_thread(work: Callable[[Stop], T]) -> T:
    """Runs in a thread, which is told when its caller is cancelled: a thread cannot be."""
    stop = Stop()
    try:
        return await asyncio.to_thread(work, stop)
    except asyncio.CancelledError:
        stop.set()
        raise
