# shellcheck shell=bash
# Wine with a prefix of the checkout's own, ready for tests. Wine is more lenient than Windows, and
# slower: what runs here shows function, never performance.

# shellcheck source=tools/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

wine_environment() {
  export WINEPREFIX=$lastbyte_root/build/wineprefix
  export WINEDEBUG=-all
  # Without its debugger: with it, a crashed test often exits with 0. The others only ask to be
  # downloaded.
  export WINEDLLOVERRIDES="mscoree,mshtml,winedbg.exe="
  unset DISPLAY
}

# Makes the prefix if there is none, and starts the server, which then stays up between tests.
wine_setup() {
  wine_environment
  mkdir -p "$WINEPREFIX" # wineserver -p fails without it
  wineserver -p
  # Also warms Wine up: its first process starts services that inherit stdout, and would hold the
  # caller's pipe open.
  timeout 120 wine wineboot -i </dev/null >/dev/null 2>&1 || return 1
  [ -e "$WINEPREFIX/windows-10" ] || {
    timeout 60 wine winecfg /v win10 </dev/null >/dev/null 2>&1 || return 1
    touch "$WINEPREFIX/windows-10"
  }
}

# Ends this prefix's server and what still runs in it; no other prefix's.
wine_stop() { wineserver -k || true; }
