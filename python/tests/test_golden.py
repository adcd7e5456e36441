"""The golden file that the tests of @placet/sdk read, too: what is digested, masked and asked is the same in both languages."""

import json
from pathlib import Path
from typing import Any

import pytest

from placet import Placet, StrictJsonError, ToolCall, action_bytes, action_digest

GOLDEN = json.loads((Path(__file__).parents[2] / "sdk/test/golden/wire.json").read_text("utf-8"))


def named(cases: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


@named(GOLDEN["actions"])
def test_an_action_has_its_bytes_and_its_digest(case: dict[str, Any]) -> None:
    assert action_bytes(**case["envelope"]).decode() == case["bytes"]
    assert action_digest(**case["envelope"]) == case["digest"]


@named(GOLDEN["masked"])
def test_masked_parameters_are_digested_under_their_salts(case: dict[str, Any]) -> None:
    assert action_digest(**case["envelope"], salts=case["salts"]) == case["digest"]


@pytest.mark.parametrize("salt", ["", "short", "AAECAwQFBgcICQoLDA0ODx", None])
def test_what_is_no_salt_masks_nothing(salt: Any) -> None:
    with pytest.raises(TypeError):
        action_digest("a", "r", {"a": 1}, {"a": salt})


@named(GOLDEN["refused"])
def test_parameters_that_are_no_strict_json_have_no_digest(case: dict[str, Any]) -> None:
    with pytest.raises(StrictJsonError):
        action_digest("a", "r", json.loads(case["json"]))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, 10**400, {1: 2}, {"a": {3}}, object()])
def test_what_is_no_json_has_no_digest(value: Any) -> None:
    with pytest.raises(StrictJsonError):
        action_digest("a", "r", {"a": value})


@named(GOLDEN["calls"])
def test_a_tool_call_is_asked_under_its_key_with_its_secrets_masked(case: dict[str, Any]) -> None:
    gate = Placet("https://placet.example", GOLDEN["agent_key"]).gate()
    prepared = gate._prepare(ToolCall(**case["call"]))
    assert prepared.ask["parameters"] == case["parameters"]
    assert prepared.digest == case["digest"]
    assert prepared.key == case["idempotency_key"]
    assert prepared.parameters == case["call"]["arguments"]
