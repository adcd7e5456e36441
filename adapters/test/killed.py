"""The refund agent of LangChain Python as a process that kills itself at a named point, as killed.mjs does for the others."""

import os
import signal
import sys
from typing import Any

from placet import client

sys.path.insert(0, "python/example")
NAMES = {"execution": "take", "result": "report"}


def reach(point: str) -> None:
    if point == os.environ.get("POINT"):
        os.kill(os.getpid(), signal.SIGKILL)


call_as_is = client._call_api


def call(url: str, key: str, method: str, path: str, *rest: Any) -> Any:
    point = "read" if method == "GET" else NAMES.get(path.rsplit("/", 1)[-1], "ask")
    reach(f"before {point}")
    if "wait_seconds" in path:
        reach("pending")
    answer = call_as_is(url, key, method, path, *rest)
    reach(f"after {point}")
    return answer


def pay(order: str, amount: int) -> None:
    with open(os.environ["RUNS"], "a") as runs:
        runs.write(f"{order} {amount}\n")
    reach("ran")


client._call_api = call
main = __import__("run").main
# JSON as the others write it.
sys.stdout.write(main(os.environ["JOB"], pay=pay).replace('": true', '":true'))
