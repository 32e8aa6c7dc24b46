#!/usr/bin/env bash
# Runs the quickstart under changes that should do no harm (other seeds, learning rates, samples) and prints, for every metric that its thresholds judge, the value
# as it is and the range over the changes: what the limits in pipelines/quickstart*.thresholds.yaml are set from. About a minute a change on two cores.
#
#   eng/variants.sh > benchmarks/results/controller/quickstart-variants.md
#
# $AKV is the command that runs, by default ./akv. The runs are made in a worktree of the last commit, which is removed at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  '') ;;
  -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' eng/variants.sh; exit 0 ;;
  *) echo "error: unknown argument '$1'; --help shows how" >&2; exit 2 ;;
esac

akv="$(realpath "${AKV:-./akv}")"
scratch="$(mktemp -d)"
trap 'git worktree remove --force "$scratch/checkout" 2>/dev/null || true; rm -rf "$scratch"' EXIT
git worktree add --quiet --detach "$scratch/checkout" HEAD

changes=(
  ''
  '-S train.seed=1'
  '-S train.seed=2'
  '-S train.seed=3'
  '-S train.seed=4'
  '-S train.lr=0.0005'
  '-S train.lr=0.002'
  '-S dataset.seed=1'
  '-S collect.seed=1 -S dataset.seed=1'
  '-S collect.seed=2 -S dataset.seed=2'
  '-S calibrate.seed=1'
)
stages=(evaluate train)
for i in "${!changes[@]}"; do
  echo "change $((i + 1)) of ${#changes[@]}: ${changes[i]:-none}" >&2
  # shellcheck disable=SC2086
  (cd "$scratch/checkout" && "$akv" run evaluate --pipeline pipelines/quickstart.yaml ${changes[i]} >/dev/null 2>"$scratch/log") || { cat "$scratch/log" >&2; exit 1; }
  for stage in "${stages[@]}"; do
    cp "$scratch/checkout/artifacts/quickstart/$stage/metrics.json" "$scratch/$stage.$i.json"
  done
done

echo '# The quickstart under changes that should do no harm'
echo
echo "By \`eng/variants.sh\`, ${#changes[@]} runs: as it is, and with"
printf '%s\n' "${changes[@]:1}" | sed 's/-S //g; s/ /, /g; s/^/- /'
echo
"$akv" doctor | sed -n 's/^[a-z]* *\(processor\|runtime\) *\(.*\)$/- \1: \2/p'
echo
echo '| metric | as it is | least | median | most | limit |'
echo '|---|---:|---:|---:|---:|---|'
declare -A files=([evaluate]=pipelines/quickstart.thresholds.yaml [train]=pipelines/quickstart.train.thresholds.yaml)
for stage in "${stages[@]}"; do
  # "  name: {limit}   # why"
  while IFS=$'\t' read -r name limit; do
    values=()
    for i in "${!changes[@]}"; do
      values+=("$(jq -r --arg name "$name" '[paths(scalars) as $path | {key: ($path | map(tostring) | join(".")), value: getpath($path)}] | from_entries | .[$name]' "$scratch/$stage.$i.json")")
    done
    mapfile -t sorted < <(printf '%s\n' "${values[@]:1}" | sort -g)
    echo "| $name | ${values[0]} | ${sorted[0]} | ${sorted[$((${#sorted[@]} / 2))]} | ${sorted[-1]} | $limit |"
  done < <(sed -n 's/^  \([^ #:"]*\): *{\(.*\)}.*$/\1\t\2/p' "${files[$stage]}")
done
