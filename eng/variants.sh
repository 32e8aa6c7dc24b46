#!/usr/bin/env bash
# Runs the quickstart under other seeds of everything, which should do no harm, and prints, for every metric that its thresholds judge, the value as it is, the range over
# the seeds and the standard deviation: what the limits and spreads in pipelines/quickstart*.thresholds.yaml are set from. About a minute a seed on two cores.
#
#   eng/variants.sh [FOLDER] > benchmarks/results/controller/quickstart-variants.md
#
# FOLDER has pipelines/quickstart.yaml and what that reads, and keeps the runs, so that they are made once; by default a worktree of the last commit, which is removed at
# the end. $SEEDS are the seeds, by default 1,2,3,4,5,6,7,8,9,10; $AKV is the command that runs, by default ./akv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' eng/variants.sh; exit 0 ;;
  -*) echo "error: unknown option '$1'; --help shows how" >&2; exit 2 ;;
esac

akv="$(realpath "${AKV:-./akv}")"
repository="$PWD"
scratch="$(mktemp -d)"
trap 'git worktree remove --force "$scratch/checkout" 2>/dev/null || true; rm -rf "$scratch"' EXIT
if [ -z "${1:-}" ]; then
  git worktree add --quiet --detach "$scratch/checkout" HEAD
fi

cd "${1:-$scratch/checkout}"
run() { "$akv" "$1" evaluate --pipeline pipelines/quickstart.yaml "${@:2}" >/dev/null; }
seeds="${SEEDS:-1,2,3,4,5,6,7,8,9,10}"
run sweep -S seed="$seeds"
run run
"$akv" runs list --pipeline pipelines/quickstart.yaml --json --metrics '*' >"$scratch/runs.json"

echo '# The quickstart under other seeds, which should do no harm'
echo
echo "By \`eng/variants.sh\`: as it is, and with the seeds $seeds of everything (samples of items and tokens, split, training, chance)."
echo
"$akv" doctor | sed -n 's/^[a-z]* *\(processor\|runtime\) *\(.*\)$/- \1: \2/p'
echo
echo '| metric | as it is | least | median | most | standard deviation | rules |'
echo '|---|---:|---:|---:|---:|---:|---|'
declare -A files=([evaluate]=pipelines/quickstart.thresholds.yaml [train]=pipelines/quickstart.train.thresholds.yaml)
for stage in evaluate train; do
  # "  name: {rules}   # why"
  while IFS=$'\t' read -r name rules; do
    jq -r --arg stage "$stage" --arg name "$name" --arg rules "$rules" --arg seeds "$seeds" '
      def rounded: if . == 0 then 0 else . as $x | (pow(10; 3 - ($x | fabs | log10 | floor))) as $p | ($x * $p | round) / $p end;
      def deviation: (add / length) as $mean | (map(pow(. - $mean; 2)) | add / (length - 1) | sqrt);
      map({values, metric: (.metrics["\($stage).\($name)"] // empty | tonumber)})
      | (map(select(.values == [] or .values == ["seed=42"]))[0].metric) as $now
      | (map(select(.values[0] as $value | $seeds | split(",") | map("seed=" + .) | index($value)) | .metric) | sort) as $changed
      | "| \($name) | \($now) | \($changed[0]) | \($changed[$changed | length / 2 | floor]) | \($changed[-1]) | \($changed | deviation | rounded) | \($rules) |"' "$scratch/runs.json"
  done < <(sed -n 's/^  \([^ #:"]*\): *{\(.*\)}.*$/\1\t\2/p' "$repository/${files[$stage]}")
done
