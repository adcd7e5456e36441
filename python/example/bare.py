"""A refund agent of LangChain without approvals: what the model wants, runs."""

from langchain.agents import create_agent


def refund_agent(model, refund, message, run):
    agent = create_agent(model, [refund])
    return agent.invoke(message)
