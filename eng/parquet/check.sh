#!/usr/bin/env bash
# Compares a table of akv, a Parquet file or a published folder of segments, value by value with what another reader (hyparquet) finds in it:
# eng/parquet/check.sh TABLE
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
[ $# -eq 1 ] || { echo "usage: eng/parquet/check.sh TABLE" >&2; exit 2; }
[ -e "$1" ] || { echo "error: $1: no such file or folder" >&2; exit 66; }
command -v node >/dev/null || { echo "error: node is not installed: the other reader needs Node.js 20 or newer" >&2; exit 66; }

if [ ! -f "$here/node_modules/.package-lock.json" ] || [ "$here/package-lock.json" -nt "$here/node_modules/.package-lock.json" ]; then
  (cd "$here" && npm ci --ignore-scripts --loglevel=error >&2)
fi

"$here/../../akv" data to-csv "$1" | node "$here/compare.mjs" "$1"
