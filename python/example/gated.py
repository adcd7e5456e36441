"""The same refund agent of LangChain with approvals: it may be killed while people decide, and started again with its run."""

import os

from langchain.agents import create_agent

from placet import Placet
from placet.langchain import ApprovalMiddleware

gate = Placet(os.environ["PLACET_URL"], os.environ["PLACET_AGENT_KEY"]).gate(
    actions={"refund": lambda args: {"action": "orders.refund", "resource": f"order/{args['order']}"}}
)


def refund_agent(model, refund, message, run):
    # It waits in its process, and keeps nothing: run, call id and arguments are what a restart goes on by.
    approvals = ApprovalMiddleware(gate, wait_seconds=float("inf"), run=lambda _: run)
    agent = create_agent(model, [refund], middleware=[approvals])
    return agent.invoke(message)
