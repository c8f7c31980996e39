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
  mkdir -p "$WINEPREFIX" # wineserver fails without it
  [ -e "$WINEPREFIX/windows-10" ] || wine_make_prefix || return 1
  wineserver -p
  # Warms Wine up: its first process starts services that inherit stdout, and would hold the caller's
  # pipe open.
  timeout 120 wine wineboot -i </dev/null >/dev/null 2>&1
}

# A server keeps the registry in memory and writes it every 30 s, or when it ends: so it must end, or
# whoever copies the prefix (end_to_end_wine) finds none.
wine_make_prefix() {
  timeout 120 wine wineboot -i </dev/null >/dev/null 2>&1 || return 1
  timeout 60 wine winecfg /v win10 </dev/null >/dev/null 2>&1 || return 1
  wineserver -k || true # fails where it has ended by itself
  timeout 60 wineserver -w || return 1
  [ -s "$WINEPREFIX/system.reg" ] || return 1
  touch "$WINEPREFIX/windows-10"
}

# Ends this prefix's server and what still runs in it; no other prefix's.
wine_stop() { wineserver -k || true; }
