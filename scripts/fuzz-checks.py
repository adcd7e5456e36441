# A check of schemathesis for fuzz-api.mjs: data that fits the schemas is taken, or refused for a reason that no JSON
# Schema can state. It stands in for positive_data_acceptance, which knows only status codes.
import schemathesis

# Absent things, spent things, and keys that are not the one of this lease.
EXPECTED_STATUSES = {401, 403, 404, 409, 429}
# JSON Schema knows neither how a number is written nor noncharacters beyond the BMP (RFC 7493).
STRICT_JSON_REASONS = {"number_out_of_range", "number_not_exact", "forbidden_character", "forbidden_member"}
# The policy's answer, not the schema's; and members below parameters, whose number and depth no schema bounds.
POLICY_CODES = {"credential_exceeds_policy", "quorum_unreachable"}


@schemathesis.check
def valid_data_accepted(ctx, response, case):
    is_positive = case.meta is not None and case.meta.generation.mode.is_positive
    if not is_positive or response.status_code < 400 or response.status_code in EXPECTED_STATUSES:
        return
    problem = response.json()
    if not is_beyond_schema(problem):
        raise AssertionError(f"Data that fits the schema was refused: {problem}")


def is_beyond_schema(problem):
    code = problem.get("code")
    if code == "invalid_json":
        return problem.get("reason") in STRICT_JSON_REASONS
    if code == "invalid_request":
        errors = problem.get("errors", [])
        return len(errors) > 0 and all(error["path"].startswith("/parameters/") for error in errors)
    return code in POLICY_CODES
