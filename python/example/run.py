"""Runs the refund agent: `python example/run.py job-1`, or `… job-1 bare`. Start it again with its job, and it goes on.

PLACET_URL and PLACET_AGENT_KEY say where and as whom.
"""

import importlib
import json
import os
import sys

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool

WANTED = '[{"id":"call_1","args":{"order":"A-1001","amount":120}}]'


def pay(order: str, amount: int) -> None:
    """Stands for what really pays."""


class Model(GenericFakeChatModel):
    """Wants the calls, and is done."""

    def bind_tools(self, tools, **_):
        return self


def main(job: str, which: str = "gated", pay=pay) -> str:
    @tool
    def refund(order: str, amount: int) -> str:
        """Pays an order back."""
        pay(order, amount)
        return f"refunded {amount} for {order}"

    wanted = [{"name": "refund", **call} for call in json.loads(os.environ.get("WANTED", WANTED))]
    model = Model(messages=iter([AIMessage("", tool_calls=wanted), AIMessage("done")]))
    message = {"messages": [{"role": "user", "content": "Refund what was lost."}]}
    done = importlib.import_module(which).refund_agent(model, refund, message, job)
    return "\n".join(str(each.content) for each in done["messages"] if isinstance(each, ToolMessage))


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]) + "\n")
