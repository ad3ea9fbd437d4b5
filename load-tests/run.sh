#!/bin/sh
# Runs a k6 scenario and keeps what it leaves in $REPORTS: report.html, ledger.jsonl, summary.json and summary.txt. Without
# REPORTS that is a new directory below $REPORTS_IN.
#
#   sh load-tests/run.sh steady --rate 40 --duration 30s
#
# ./mesh load calls it, and it is the entry point of the k6 container, which has busybox and k6 and nothing else.
# Exit codes: 0 PASS, 1 FAIL or no summary, 2 wrong usage, 3 INVALID (the run proved nothing).
# Progress goes to standard error, the summary to standard output.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
k6=${K6:-k6}

scenarios=$(cd "$here" && for file in *.ts; do printf '%s ' "${file%.ts}"; done)

usage() {
  echo "load: $1" >&2
  echo "Usage: <scenario> [--rate <orders per second>] [--duration <like 30s>], where a scenario is one of: $scenarios" >&2
  exit 2
}

[ $# -gt 0 ] || usage "name a scenario"
scenario=$1
shift
case " $scenarios" in *" $scenario "*) ;; *) usage "there is no scenario \"$scenario\"" ;; esac
while [ $# -gt 0 ]; do
  case $1 in --rate | --duration) [ $# -gt 1 ] || usage "$1 needs a value" ;; esac
  case $1 in
    --rate) export RATE="$2" && shift 2 ;;
    --duration) export DURATION="$2" && shift 2 ;;
    *) usage "there is no option \"$1\"" ;;
  esac
done
script=$here/$scenario.ts

# A gateway that authenticates clients answers over TLS; in containers both addresses are given.
if [ "${MESH_EDGE_AUTH:-}" = 1 ] && [ -n "${GATEWAY_TLS:-}" ]; then export GATEWAY="$GATEWAY_TLS"; fi

# The script itself judges its settings: it is loaded once without being run.
if ! told=$("$k6" inspect --include-system-env-vars --log-format raw "$script" 2>&1 >/dev/null); then
  wrong=$(printf '%s\n' "$told" | sed -n 's/^Error: \([A-Z0-9_]* must be .*\)/\1/p')
  [ -z "$wrong" ] || usage "$wrong"
  printf '%s\n' "$told" >&2
  exit 1
fi

# Where many runs are kept each has a directory of its own, which sorts by time.
if [ -z "${REPORTS:-}" ]; then
  REPORTS=${REPORTS_IN:-/reports}/$(date -u +%Y%m%dT%H%M%SZ)-$scenario
fi
mkdir -p "$REPORTS" && [ -w "$REPORTS" ] || usage "REPORTS is $REPORTS, where uid $(id -u) cannot write"
rm -f "$REPORTS/report.html" "$REPORTS/ledger.jsonl" "$REPORTS/summary.json" "$REPORTS/summary.txt"

set -- run --address '' --console-output "$REPORTS/ledger.jsonl" --log-format raw
if [ -n "${K6_PROMETHEUS_RW_SERVER_URL:-}" ]; then
  set -- "$@" --out experimental-prometheus-rw
  export K6_PROMETHEUS_RW_TREND_STATS="${K6_PROMETHEUS_RW_TREND_STATS:-count,p(50),p(95),p(99)}"
  # the series of a run end with it, instead of going on for five minutes
  export K6_PROMETHEUS_RW_STALE_MARKERS="${K6_PROMETHEUS_RW_STALE_MARKERS:-true}"
fi
# the report without its live page; a run of a few seconds has to fill it, too
export K6_WEB_DASHBOARD=true K6_WEB_DASHBOARD_PORT=-1 K6_WEB_DASHBOARD_EXPORT="$REPORTS/report.html"
export K6_WEB_DASHBOARD_PERIOD="${K6_WEB_DASHBOARD_PERIOD:-1s}"
export SUMMARY_DIR="$REPORTS" K6_NO_USAGE_REPORT=true

# Ctrl-C reaches k6 by itself and ends it in order; this shell stays for the summary. A container is sent TERM instead.
trap : INT
trap 'kill -TERM "$pid" 2>/dev/null' TERM
"$k6" "$@" "$script" >&2 &
pid=$!
# Load that nothing waits for any more ends: who started this may have been killed.
(
  while kill -0 "$PPID" && kill -0 "$pid"; do sleep 1; done
  kill -TERM "$pid"
) </dev/null >/dev/null 2>&1 &
watch=$!
wait "$pid"
code=$?
while kill -0 "$pid" 2>/dev/null; do
  wait "$pid"
  code=$?
done

kill "$watch" 2>/dev/null

[ -f "$REPORTS/summary.txt" ] || exit 1
cat "$REPORTS/summary.txt"
echo
[ ! -f "$REPORTS/report.html" ] || echo "report      $REPORTS/report.html"
[ ! -f "$REPORTS/ledger.jsonl" ] || echo "ledger      $REPORTS/ledger.jsonl ($(wc -l <"$REPORTS/ledger.jsonl" | tr -d ' ') orders)"
echo "summary     $REPORTS/summary.json"
if [ -n "${REPORTS_IN:-}" ]; then
  echo "fetch       docker compose cp control:$REPORTS ."
  [ ! -f "$REPORTS/ledger.jsonl" ] || echo "audit       docker compose run --rm mesh audit --ledger $REPORTS/ledger.jsonl"
fi

# k6's own code counts only against a PASS: whatever kept it from doing its work is a failure
case $(sed -n 's/^  "verdict": "\([A-Z]*\)",$/\1/p' "$REPORTS/summary.json") in
  PASS) [ "$code" -eq 0 ] ;;
  INVALID) exit 3 ;;
  *) exit 1 ;;
esac
