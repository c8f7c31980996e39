# Reads tests/cases/README.md, then the results (row, port, what became of it, test), and prints the table,
# with a line `passed: ...` or `failed: ...` about each row.

function trimmed(text) {
  gsub(/^ +| +$/, "", text)
  return text
}

FNR == NR {
  count = split($0, cell, "|")
  if (count < 5 || trimmed(cell[2]) !~ /^[0-9]+$/) next
  row = trimmed(cell[2])
  # The first table has each row once, the second has cells of it.
  if (!(row in title)) {
    title[row] = trimmed(cell[3])
    rows[++row_count] = row
  } else {
    reason[row, trimmed(cell[3])] = trimmed(cell[4])
  }
  next
}

{
  if (!($1 in title)) unknown[$1] = $4
  key = $1 SUBSEP $2
  if ($3 == "passed") shown[key]++
  else if ($3 == "failed") broken[key] = $4
  else if (!(key in left)) left[key] = $4
  if ($3 != "passed") next
  test_key = $1 SUBSEP $4
  if (!(test_key in ports)) tests[$1, ++test_count[$1]] = $4
  ports[test_key] = ports[test_key] (ports[test_key] == "" ? "" : ", ") $2
}

END {
  port_count = split("epoll epoll-shared uring iocp", port, " ")
  left_count = split(left_out, ignored, " ")
  print ""
  printf "%-4s %-12s %-12s %-12s %-12s %s\n", "row", port[1], port[2], port[3], port[4], "case"
  for (i = 1; i <= row_count; i++) {
    row = rows[i]
    complaint = ""
    line = ""
    notes = ""
    for (p = 1; p <= port_count; p++) {
      key = row SUBSEP port[p]
      if (key in broken) {
        mark = "FAILED"
        complaint = complaint " " port[p] " failed: " broken[key]
      } else if (shown[key] > 0) {
        mark = shown[key] (shown[key] == 1 ? " test" : " tests")
        if (key in reason) complaint = complaint " " port[p] " has a test, and a reason for having none;"
      } else if (key in reason) {
        mark = "-"
        notes = notes sprintf("       %s: none, because %s\n", port[p], reason[key])
      } else if (index(left_out, " " port[p] " ")) {
        mark = "left out"
      } else if (key in left) {
        mark = "skipped"
        notes = notes sprintf("       %s: skipped: %s\n", port[p], left[key])
      } else {
        mark = "MISSING"
        complaint = complaint " " port[p] " has neither a test nor a reason;"
      }
      line = line sprintf("%-12s ", mark)
    }
    printf "%-4s %s%s\n", row, line, title[row]
    for (t = 1; t <= test_count[row]; t++) {
      test = tests[row, t]
      where = ports[row, test]
      is_everywhere = split(where, ignored, ", ") == port_count - left_count
      printf "       %s%s\n", test, (is_everywhere ? "" : " (" where ")")
    }
    printf "%s", notes
    printf "started: row %s\n%s: row %s%s\n", row, (complaint == "" ? "passed" : "failed"), row, (complaint == "" ? "" : ":" complaint)
  }
  for (row in unknown) printf "started: row %s\nfailed: row %s: the book has none, but %s\n", row, row, unknown[row]
}
