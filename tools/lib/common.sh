# shellcheck shell=bash
# Sourced by every script in tools/: where the checkout is, how to speak, how to show progress.

set -euo pipefail

# Scripts work from any folder.
lastbyte_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$lastbyte_root"

# shellcheck disable=SC2034 # for those who source this
logs=build/logs

# fail CODE MESSAGE...: one line on stderr, which names the cause and the next command.
fail() {
  local code=$1
  shift
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit "$code"
}

# Milliseconds now, for seconds_since.
now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# seconds_since START_MS: seconds with one decimal.
seconds_since() {
  local elapsed=$(($(now_ms) - $1))
  printf '%d.%d' $((elapsed / 1000)) $((elapsed % 1000 / 100))
}

# quietly LABEL LOG COMMAND...: runs COMMAND with its output in LOG. Meanwhile its latest line is
# shown: rewritten in place on a terminal, every 10 s elsewhere. Returns COMMAND's exit code.
quietly() {
  local label=$1 log=$2
  shift 2
  mkdir -p "$(dirname "$log")"
  local code=0
  "$@" </dev/null 2>&1 | tee -a "$log" | show_progress "$label" || code=${PIPESTATUS[0]}
  return "$code"
}

show_progress() {
  local label=$1 line next=$((SECONDS + 10))
  if [ -t 1 ]; then
    while IFS= read -r line; do printf '\r\033[K%s %.60s' "$label" "$line"; done
    printf '\r\033[K'
  else
    while IFS= read -r line; do
      if ((SECONDS >= next)); then
        printf '%s %.60s\n' "$label" "$line"
        next=$((SECONDS + 10))
      fi
    done
  fi
}
