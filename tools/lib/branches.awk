# Which branches of a room were taken, from what gcov says of every unit that has some of its code.
#
# Input, separated by tabs: file, line, unit and function, arms, function, how often this unit's copy of it was called; and
# for each function of each unit: file, "calls", function, how often. An arm is 1 if it was taken, otherwise 0; those that
# only an exception takes are not there.
#
# The rule: the compiler numbers a line's arms anew in each unit and in each instance of a template, and drops
# what it knows there. So arms are added up only where their number is the same; of these sums, the one with most
# taken is the line's. (gcovr 5.2 adds them up by number alone, and then misses arms that are no arms.) An arm
# whose only alternative is an exception is no choice, and not counted. Of an inline function the linker keeps one unit's
# copy: what the others say is nothing, unless nobody calls any of them.
#
#   awk -v room=core -v least=100 -f tools/lib/branches.awk
#
# Exit code: 0 at least `least` percent were taken, 1 fewer were.

BEGIN { FS = "\t" }

$2 == "calls" {
  if ($4 > 0) is_called[$3]
  next
}

{
  place = $1 "\t" $2
  same = place "\t" $3
  arms[same] = arms[same] $4
  if ($6 == 0) uncalled[same] = $5
}

END {
  for (same in arms) {
    if (same in uncalled && uncalled[same] in is_called) continue
    split(same, part, "\t")
    sum = part[1] "\t" part[2] "\t" length(arms[same])
    taken[sum] = either(taken[sum], arms[same])
  }
  for (sum in taken) {
    split(sum, part, "\t")
    place = part[1] "\t" part[2]
    share = gsub(/1/, "1", taken[sum]) / part[3]
    if (!(place in best) || share > best[place] || (share == best[place] && part[3] > all[place])) {
      best[place] = share
      all[place] = part[3]
    }
  }
  for (place in best) {
    split(place, part, "\t")
    if (all[place] < 2 || argued_for(part[1], part[2])) continue
    of_file[part[1]] += all[place]
    of_all += all[place]
    done = best[place] * all[place]
    file_done[part[1]] += done
    all_done += done
    if (best[place] < 1) missing[part[1]] = missing[part[1]] "," part[2]
  }
  sort = "sort"
  for (file in of_file) {
    printf "  %-36s %4d of %4d  %3d %%  %s\n", file, file_done[file], of_file[file],
           100 * file_done[file] / of_file[file], in_order(missing[file]) | sort
  }
  close(sort)
  percent = of_all == 0 ? 0 : 100 * all_done / of_all
  printf "  %-36s %4d of %4d  %5.1f %%\n", "all of src/" room "/", all_done, of_all, percent
  exit percent < least
}

# Arms that were taken in either.
function either(left, right, made, i) {
  if (left == "") return right
  for (i = 1; i <= length(right); ++i) {
    made = made (substr(left, i, 1) + substr(right, i, 1) > 0 ? 1 : 0)
  }
  return made
}

# Branches that don't count: those of the assertion itself, and those whose line argues why they can't be taken.
function argued_for(file, line, text, i) {
  if (!(file in is_read)) {
    is_read[file] = 1
    for (i = 1; (getline text < file) > 0; ++i) {
      argued[file, i] = text ~ /LASTBYTE_CHECK\(|\/\/ Unreachable: /
    }
    close(file)
  }
  return argued[file, line]
}

# ",30,7" -> "7 30"
function in_order(lines, each, count, i, j, swap, made) {
  count = split(substr(lines, 2), each, ",")
  for (i = 1; i <= count; ++i) {
    for (j = i; j > 1 && each[j] + 0 < each[j - 1] + 0; --j) {
      swap = each[j]
      each[j] = each[j - 1]
      each[j - 1] = swap
    }
  }
  for (i = 1; i <= count; ++i) made = made (i > 1 ? " " : "") each[i]
  return made
}
