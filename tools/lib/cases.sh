# shellcheck shell=bash
# The table of tests/cases/README.md: which test has shown which row on which port, in this run.

# shellcheck source=tools/lib/suites.sh
source "$(dirname "${BASH_SOURCE[0]}")/suites.sh"

case_book=tests/cases/README.md

# Row, port, what became of it and the test, separated by tabs, of every test of this run that shows a row.
case_results() {
  local log suite
  find "$results" -name '*.log' -print0 | sort -z | while IFS= read -r -d '' log; do
    suite=${log#"$results/"}
    suite=${suite%.log}
    # A test's name begins with its port's, of which some have another name in their suite.
    tr -d '\r' <"$log" | sed -nE \
      -e 's/^(row [0-9]+: [a-z]+: )iocp_wine: /\1iocp: /' \
      -e "s|^row ([0-9]+): ([a-z]+): (epoll\|epoll-shared\|uring\|iocp): (.*)\$|\\1\\t\\3\\t\\2\\t${suite##*/}: \\4|p"
  done
}

# print_cases LEFT_OUT: the table, and a row of the results about it: a cell must have a test, or a reason, and
# not both. LEFT_OUT names the ports that this run has left out.
print_cases() {
  local log=$results/cases.log
  case_results | sort -t $'\t' -k 1,1n -k 2 | uniq >"$results/case-results"
  awk -F '\t' -v left_out=" $1 " -f tools/lib/cases.awk "$case_book" "$results/case-results" >"$log"
  grep -vE '^(started|passed|failed): ' "$log" || true
  printf '  %-28s ' cases
  judge_suite cases 0 0 0.0 || grep '^failed: ' "$log" | sed 's/^/    /'
}
