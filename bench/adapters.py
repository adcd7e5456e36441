"""The same for Python as adapters.mjs: an allowed tool call through the middleware of LangChain, beside the three calls of the client."""

import json
import os
import sys
import uuid
from time import perf_counter

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python")
sys.path[:0] = [os.path.join(ROOT, "src"), os.path.join(ROOT, "example")]

from placet import Placet, client, sha256_digest  # noqa: E402

NAME = "langchain, in Python"
CALLS = 3
spans: list[tuple[float, float]] = []
call_as_is = client._call_api


def call(*args, **kwargs):
    begun = perf_counter()
    answer = call_as_is(*args, **kwargs)
    spans.append((begun, perf_counter()))
    return answer


client._call_api = call
main = __import__("run").main
placet = Placet(os.environ["PLACET_URL"], os.environ["PLACET_AGENT_KEY"])


def call_bare(order: str, amount: int) -> None:
    key = f"call-{sha256_digest(order.encode())}"
    about = {"order": order, "amount": amount}
    request = placet.request("orders.refund", f"order/{order}", about, idempotency_key=key)
    placet.start(request["id"], request["digest"])
    placet.report(request["id"], "succeeded")


def timed(which: str, pay) -> float:
    """Milliseconds: between the last two calls the tool runs, and what the framework needs to have it run."""
    job = str(uuid.uuid4())
    os.environ["WANTED"] = json.dumps([{"id": f"call_{job}", "args": {"order": job, "amount": 120}}])
    spans.clear()
    main(job, which, pay=pay)
    if len(spans) != CALLS:
        raise RuntimeError(f"{len(spans)} calls of the API, and not {CALLS}")
    ask, take, report = sorted(spans)
    return (take[1] - ask[0] + report[1] - report[0]) * 1_000


found: dict[str, list[float]] = {"bare": [], "gated": []}
for turn in range(-2, int(os.environ["ROUNDS"])):
    works = [("bare", call_bare), ("gated", lambda order, amount: None)]
    # In turns, and each as often first as second.
    pair = {name: timed(name, pay) for name, pay in (works if turn % 2 == 0 else reversed(works))}
    # The first ones load code.
    if turn >= 0:
        for name, value in pair.items():
            found[name].append(value)
print(json.dumps({NAME: found}))
