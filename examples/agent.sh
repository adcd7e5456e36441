#!/bin/sh
# An agent in plain curl: ask, wait, claim, show, and call the tool when TOOL_URL is set. Needs curl and a POSIX shell.
# Usage: PLACET_URL=http://127.0.0.1:8420 PLACET_AGENT_KEY=plk_… [TOOL_URL=http://127.0.0.1:4100] sh examples/agent.sh
set -eu
umask 077

url=${PLACET_URL:-http://127.0.0.1:8420}
api=$url/v1/approval-requests
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Secrets go to curl in a file: other users of the machine can read the arguments of a command.
printf 'Authorization: Bearer %s\n' "${PLACET_AGENT_KEY:?set it to an agent key}" >"$work/key"

# call FILE CURL-ARGUMENTS…: prints the answer; on an error prints the problem document and ends.
call() {
  header=$1
  shift
  curl --silent --show-error --fail-with-body --max-time 90 --header "@$header" --header 'Content-Type: application/json' "$@" ||
    { status=$?; echo >&2; return "$status"; }
}

# field NAME: the first text member of that name in the JSON on standard input.
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

echo '1. Ask'
# The same key on a repeated ask gives the same request, so a script that is run again after a crash asks only once.
request=$(call "$work/key" "$api" --header "Idempotency-Key: ${IDEMPOTENCY_KEY:-agent-sh-$$-$(date +%s)}" --data '{
  "action": "orders.refund",
  "resource": "order/A-1001",
  "parameters": {"amount": 120, "currency": "EUR"},
  "justification": "The parcel was lost on the way.",
  "credential": {"type": "jwt", "audience": "https://orders.example", "scopes": ["orders:refund"], "lifetime_seconds": 300}
}')
id=$(printf '%s' "$request" | field id)
state=$(printf '%s' "$request" | field state)
echo "   $id is $state, $(printf '%s' "$request" | field digest)"

echo '2. Wait'
while [ "$state" = pending ]; do
  request=$(call "$work/key" "$api/$id?wait_seconds=30")
  state=$(printf '%s' "$request" | field state)
done
echo "   $state"
[ "$state" = approved ] || exit 1

echo '3. Claim (works once)'
claimed=$(call "$work/key" --request POST "$api/$id/credential")
token=$(printf '%s' "$claimed" | field token)
printf 'Authorization: Bearer %s\n' "$token" >"$work/credential"

echo '4. Show what the credential says'
payload=$(printf '%s' "$token" | cut -d . -f 2 | tr '_-' '/+')
while [ $((${#payload} % 4)) -ne 0 ]; do payload=$payload=; done
printf '%s' "$payload" | base64 -d
echo

if [ -n "${TOOL_URL:-}" ]; then
  echo '5. Use (works once)'
  call "$work/credential" "$TOOL_URL/refunds" --data '{"order": "A-1001", "amount": 120, "currency": "EUR"}'
  echo
  call "$work/key" "$api/$id/result" --data '{"status": "succeeded", "detail": "refunded"}' >/dev/null
fi
