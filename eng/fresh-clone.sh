#!/usr/bin/env bash
# README's first command as a stranger runs it: in a fresh clone of what is committed, with an empty home folder and no variable but the PATH
# (and what leads to the network). Prints the seconds and the bytes that were fetched, and ends with "N passed, N failed, N skipped".
#   eng/fresh-clone.sh [NAME=VALUE...]      more variables, such as DOTNET_PROCESSOR_COUNT=64
set -euo pipefail
root="$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
# A path as they may be.
clone="$work/it's a clone; [1] #&% ñ/akv" log="$work/log" home="$work/home"
mkdir "$home"

for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy SSL_CERT_FILE SSL_CERT_DIR NPM_CONFIG_REGISTRY npm_config_registry; do
  if [ -n "${!name:-}" ]; then set -- "$name=${!name}" "$@"; fi
done

akv() { (cd / && env -i PATH="$PATH" HOME="$home" "${variables[@]}" "$clone/akv" "$@" 2>"$log.error"); }

finish() { printf '%s\n%s\n' "$1" "$2"; [ "$2" != "0 passed, 1 failed, 0 skipped" ] || { cat "$log.error"; exit 1; }; exit 0; }

# wrong WORD...: fails, unless what could not be fetched cannot be reached by another program either.
wrong() {
  local address
  address="$(grep -oE 'https?://[^ ,)]+' <<<"$(grep -E 'cannot be (reached|fetched)' "$log.error" || true)" | tail -n 1 || true)"
  if [ -n "$address" ] && ! curl -fsSL --connect-timeout 20 -o /dev/null "$address" 2>/dev/null; then
    finish "fresh clone: skipped: needs a network: $address cannot be reached" "0 passed, 0 failed, 1 skipped"
  fi
  finish "fresh clone: $*" "0 passed, 1 failed, 0 skipped"
}

variables=(LANG=C.UTF-8 "$@")
git clone -q "$root" "$clone"
start="$(date +%s)"
akv --version >/dev/null || wrong "the build ended with code $?"
built="$(date +%s)"
akv run >"$log" || wrong "'akv run' ended with code $?"
ran="$(date +%s)"
grep -qE '^ran calibrate, .*report$' "$log" || wrong "'akv run' did not run all stages: $(tail -n 1 "$log")"
[ -s "$clone/artifacts/quickstart/report/report.html" ] || wrong "'akv run' made no report"
fetched="$({ grep -oE '[0-9,]+ bytes fetched' "$log.error" || true; } | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }')"
akv run >"$log" || wrong "the second 'akv run' ended with code $?"
grep -q '^nothing to do: ' "$log" || wrong "the second 'akv run' did not see that nothing is to do: $(tail -n 1 "$log")"
packages="$(find "$home/.nuget/packages" -name '*.nupkg' -exec cat {} + | wc -c | tr -d ' ')"
finish "fresh clone: built in $((built - start)) s, ran in $((ran - built)) s; fetched $packages bytes of packages and $fetched bytes of libraries" "1 passed, 0 failed, 0 skipped"
