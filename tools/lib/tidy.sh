# shellcheck shell=bash
# clang-tidy over the translation units of a build, in parallel, skipping what has not changed.
#
# The build must be up to date: ninja then knows every header that a translation unit read. A unit is
# tidied again only if one of them, its command or a .clang-tidy has changed; the stamps in
# build/tidy-cache are named after the hash of all these.
#
# Files that are compiled as one (CMAKE_UNITY_BUILD, lastbyte_waits) are tidied as one, too.

# shellcheck source=tools/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tidy_cache=build/tidy-cache

# tidy_build PRESET [NOT_IN_PRESET]: tidies PRESET's units, but those of whose files NOT_IN_PRESET has each.
tidy_build() {
  local preset=$1 except=${2:-} code=0
  local work=$tidy_cache/$preset
  mkdir -p "$tidy_cache/clean" "$work"
  tidy_units "build/$preset" >"$work/units"
  [ -s "$work/units" ] || {
    echo "no translation units in build/$preset; run: tools/build $preset"
    return 1
  }
  if [ -n "$except" ]; then
    tidy_units "build/$except" | files_of_units | cut -f 2 >"$work/except"
    files_of_units <"$work/units" |
      awk -F '\t' 'NR == FNR { seen[$1]; next } !($2 in seen) { print $1 }' "$work/except" - >"$work/own"
    awk -F '\t' 'NR == FNR { own[$1]; next } $1 in own' "$work/own" "$work/units" >"$work/rest"
    mv "$work/rest" "$work/units"
  fi
  tidy_keys "build/$preset" "$work" >"$work/keys"
  # Stamps of versions that no longer exist would pile up.
  find "$tidy_cache/clean" -type f -mtime +14 -delete
  while read -r key source; do
    [ -e "$tidy_cache/clean/$key" ] || printf '%s\0%s\0' "$key" "$source"
  done <"$work/keys" >"$work/changed"
  export -f tidy_one
  export tidy_cache
  # shellcheck disable=SC2016 # expands in the shell that xargs starts
  xargs -0 -r -n 2 -P "$(nproc)" bash -c 'tidy_one "$0" "$@"' "build/$preset" <"$work/changed" ||
    code=1
  return "$code"
}

# tidy_units BUILD: source, object and command of every unit of ours, separated by tabs.
tidy_units() {
  ninja -C "$1" -t compdb | awk -v root="$lastbyte_root/" '
    /^ *"command": / { command = $0 }
    /^ *"file": /    { file = $0; sub(/^ *"file": "/, "", file); sub(/",?$/, "", file) }
    /^ *"output": /  {
      object = $0; sub(/^ *"output": "/, "", object); sub(/",?$/, "", object)
      if (index(file, root) == 1 && file ~ /\.cpp$|_cxx\.cxx$/ && object ~ /\.o(bj)?$/)
        printf "%s\t%s\t%s\n", file, object, command
    }'
}

# files_of_units: of every unit on stdin, a line "unit<tab>file" for each of our files that are compiled as it.
files_of_units() {
  awk -F '\t' '
    $1 !~ /_cxx\.cxx$/ { print $1 "\t" $1; next }
    {
      while ((getline line <$1) > 0)
        if (split(line, parts, "\"") == 3 && parts[1] == "#include ") print $1 "\t" parts[2]
      close($1)
    }'
}

# tidy_keys BUILD WORK: "hash source" for every unit in WORK/units.
tidy_keys() {
  local build=$1 work=$2 base
  ninja -C "$build" -t deps | awk '
    /^[^ ]/ { object = $1; sub(/:$/, "", object) }
    /^ /    { print object "\t" $1 }' >"$work/inputs"
  # Each file is read once, however many units include it.
  (cd "$build" && cut -f 2 "$lastbyte_root/$work/inputs" | sort -u | xargs -r sha256sum) \
    >"$work/hashes"
  base=$(cat .clang-tidy tests/.clang-tidy | sha256sum | cut -d ' ' -f 1)
  base+=$(clang-tidy-19 --version | sha256sum | cut -d ' ' -f 1)
  local source object command
  while IFS=$'\t' read -r source object command; do
    {
      echo "$base $command"
      awk -F '\t' -v object="$object" '
        NR == FNR { split($0, parts, "  "); hash[parts[2]] = parts[1]; next }
        $1 == object { print $2, hash[$2] }' "$work/hashes" "$work/inputs"
    } | sha256sum | awk -v source="$source" '{ print $1, source }'
  done <"$work/units"
}

# tidy_one BUILD KEY SOURCE: says what is wrong with it, or leaves the stamp.
tidy_one() {
  local build=$1 key=$2 source=$3 output how=()
  # Its own folder is the build's, and the project's .clang-tidy stands above it, not that of the tests.
  [[ $source != */test-files/*_cxx.cxx ]] || how=(--config-file=tests/.clang-tidy)
  # MinGW's precompiled headers are nothing to clang, which reads the headers themselves.
  if output=$(clang-tidy-19 --quiet "${how[@]}" --extra-arg=-Wno-ignored-gch -p "$build" "$source" 2>&1); then
    touch "$tidy_cache/clean/$key"
    echo "  tidy ${source#"$PWD/"}"
  else
    # Without the counts of warnings in other projects' headers.
    grep -vE '^[0-9]+ (warnings?|errors?) |^Suppressed |^Use -header-filter|^Error while processing' \
      <<<"$output"
    return 1
  fi
}
