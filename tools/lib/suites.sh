# shellcheck shell=bash
# Runs test suites and keeps one row about each, from which the closing table is made.
#
# A suite prints lines `started: TEST`, then `passed: TEST`, `failed: TEST` or
# `skipped: TEST: REASON`, and `measured: FIGURE` for what is shown below its row; everything else is for
# the reader of its log.

# shellcheck source=tools/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

results=build/test-results

# Forgets the rows of the run before.
results_clear() {
  rm -rf "$results"
  mkdir -p "$results"
  : >"$results/rows"
  : >"$results/skipped"
  : >"$results/failed"
}

# add_row SUITE PASSED FAILED SKIPPED SECONDS
add_row() {
  printf '%s\t%s\t%s\t%s\t%s\n' "$@" >>"$results/rows"
}

# add_skipped_row SUITE REASON: for what is left out as a whole.
add_skipped_row() {
  printf '  %-28s skipped: %s\n' "$1" "$2"
  printf '%s: %s\n' "$1" "$2" >>"$results/skipped"
  add_row "$1" 0 0 1 0.0
}

# add_failed_row SUITE REASON: for what could not even start.
add_failed_row() {
  printf '  %-28s FAILED: %s\n' "$1" "$2"
  printf '%s: %s\n' "$1" "$2" >>"$results/failed"
  add_row "$1" 0 1 0 0.0
}

# run_suite SUITE LIMIT_S COMMAND...: runs a suite with a time limit and adds its row.
run_suite() {
  local suite=$1 limit_s=$2 log=$results/$1.log start code=0
  shift 2
  mkdir -p "$(dirname "$log")"
  printf '  %-28s ' "$suite"
  start=$(now_ms)
  # To a file and not to a pipe: a child that outlives the suite would hold a pipe open.
  # The outer redirection swallows bash's own words about a crash; the row says it.
  { timeout --kill-after=10 "$limit_s" "$@" </dev/null >"$log" 2>&1; } 2>/dev/null || code=$?
  judge_suite "$suite" "$code" "$limit_s" "$(seconds_since "$start")" || {
    failed_tests "$log" | tail -n 60 | sed 's/^/    | /'
    echo "    all of it is in $log"
  }
}

# judge_suite SUITE EXIT_CODE LIMIT_S SECONDS: counts the lines in the suite's log, and adds its row.
# Returns 1 if anything in it failed.
judge_suite() {
  local suite=$1 code=$2 limit_s=$3 seconds=$4 log=$results/$1.log
  local passed failed skipped unfinished why=""
  read -r passed failed skipped unfinished < <(count_lines "$log")
  # Whoever ends without a word about a test has not passed it.
  failed=$((failed + unfinished))
  case $code in
    0) ((passed + failed + skipped)) || why="it ran no test" ;;
    124 | 137) why="it did not end within $limit_s s" ;;
    *) ((failed)) || why="exit code $code" ;;
  esac
  [ -z "$why" ] || ((failed)) || failed=1
  add_row "$suite" "$passed" "$failed" "$skipped" "$seconds"
  tr -d '\r' <"$log" | sed -n "s|^skipped: |$suite: |p" >>"$results/skipped"
  printf '%s passed, %s failed, %s skipped, %s s\n' "$passed" "$failed" "$skipped" "$seconds"
  tr -d '\r' <"$log" | sed -n 's/^measured: /    /p'
  ((failed == 0)) && return
  local line
  while IFS= read -r line; do
    printf '    %s\n' "$line"
    printf '%s: %s\n' "$suite" "$line" >>"$results/failed"
  done < <(
    [ -z "$why" ] || echo "$why"
    tr -d '\r' <"$log" | sed -n 's/^failed: //p'
    unfinished_tests "$log" | sed 's/^/never ended: /'
  )
  return 1
}

# Passed, failed, skipped, and started without an end.
count_lines() {
  tr -d '\r' <"$1" | awk '
    /^started: / { started++ }
    /^passed: /  { passed++ }
    /^failed: /  { failed++ }
    /^skipped: / { skipped++ }
    END {
      unfinished = started - passed - failed - skipped
      print passed + 0, failed + 0, skipped + 0, (unfinished > 0 ? unfinished : 0)
    }'
}

# What those said that failed or never ended, and the suite's last words.
failed_tests() {
  tr -d '\r' <"$1" | awk '
    /^started: / { said = "" }
    { said = said $0 "\n" }
    /^failed: /             { printf "%s", said; said = "" }
    /^(passed|skipped): /   { said = "" }
    END { printf "%s", said }'
}

unfinished_tests() {
  tr -d '\r' <"$1" | awk '
    /^started: / { last = substr($0, 10); open = 1 }
    /^(passed|failed|skipped): / { open = 0 }
    END { if (open) print last }'
}

# The table, the reasons, what failed, and the sums as the last line. Returns 1 if anything failed.
print_table() {
  echo
  awk -F '\t' '
    function line(a, b, c, d, e) { printf "%-28s %7s %7s %8s %8s\n", a, b, c, d, e }
    BEGIN { line("suite", "passed", "failed", "skipped", "seconds") }
    { line($1, $2, $3, $4, $5) }' "$results/rows"
  if [ -s "$results/skipped" ]; then
    printf '\nskipped, and why:\n'
    sed 's/^/  /' "$results/skipped"
  fi
  if [ -s "$results/failed" ]; then
    printf '\nfailed:\n'
    sed 's/^/  /' "$results/failed"
  fi
  echo
  awk -F '\t' '
    { passed += $2; failed += $3; skipped += $4 }
    END {
      printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
      exit (failed > 0 || passed == 0)
    }' "$results/rows"
}
