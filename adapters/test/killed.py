"""The refund agent of LangChain Python as a process that kills itself at a named point, as killed.mjs does for the others."""

import os
import signal
import sys
from typing import Any

from langchain.agents import create_agent
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool

from placet import Placet, client
from placet.langchain import ApprovalMiddleware

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


client._call_api = call


@tool
def refund(order: str, amount: int) -> str:
    """Pays an order back."""
    with open(os.environ["RUNS"], "a") as runs:
        runs.write(f"{order} {amount}\n")
    reach("ran")
    return f"refunded {amount} for {order}"


class Model(GenericFakeChatModel):
    def bind_tools(self, tools: Any, **_: Any) -> "Model":
        return self


wanted = {"name": "refund", "args": {"order": "A-1001", "amount": 120}, "id": "call_1"}
model = Model(messages=iter([AIMessage("", tool_calls=[wanted]), AIMessage("done")]))
gate = Placet(os.environ["PLACET_URL"], os.environ["PLACET_AGENT_KEY"]).gate(
    actions={"refund": lambda masked: {"action": "orders.refund", "resource": f"order/{masked['order']}"}}
)
# It waits in its process and keeps nothing: the key made of run, call and digest is what a restart goes on by.
approvals = ApprovalMiddleware(gate, wait_seconds=float("inf"), run=lambda _: os.environ["JOB"])
agent = create_agent(model, [refund], middleware=[approvals])
done = agent.invoke({"messages": [{"role": "user", "content": "Refund what was lost."}]})
sys.stdout.write("\n".join(str(m.content) for m in done["messages"] if isinstance(m, ToolMessage)).replace('": true', '":true'))
