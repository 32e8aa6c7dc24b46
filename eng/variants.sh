#!/usr/bin/env bash
# Runs the quickstart under other seeds of everything, which should do no harm, and with regressions planted in it, and prints two tables: for every metric that its
# thresholds judge the value as it is and the range over the seeds, which limits and spreads in pipelines/quickstart*.thresholds.yaml are set from; and what the gate says of
# further seeds, which no limit was set from, and of the regressions. Ends with 1 if it stops one of the former or lets one of the latter pass.
#
#   eng/variants.sh [FOLDER] > benchmarks/results/controller/quickstart-variants.md
#
# FOLDER has pipelines/quickstart.yaml and what that reads, and keeps the runs, so that they are made once; by default a worktree of the last commit, which is removed at
# the end. $SEEDS are the seeds of the first table, by default 1,2,3,4,5,6,7,8,9,10, $FURTHER those of the second, by default the next ten; $AKV is the command that runs,
# by default ./akv. About a minute a run on two cores.
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
made=artifacts/quickstart
seeds="${SEEDS:-1,2,3,4,5,6,7,8,9,10}"
further="${FURTHER:-11,12,13,14,15,16,17,18,19,20}"
declare -A files=([evaluate]="$repository/pipelines/quickstart.thresholds.yaml" [train]="$repository/pipelines/quickstart.train.thresholds.yaml")
run() { # PIPELINE OPTIONS...
  "$akv" run evaluate --pipeline "$@" >/dev/null 2>"$scratch/log" || { cat "$scratch/log" >&2; return 1; }
}

"$akv" sweep evaluate --pipeline pipelines/quickstart.yaml -S seed="$seeds" >/dev/null
run pipelines/quickstart.yaml
for stage in train evaluate; do cp $made/$stage/metrics.json "$scratch/$stage.json"; done
"$akv" runs list --pipeline pipelines/quickstart.yaml --json --metrics '*' >"$scratch/runs.json"

echo '# The quickstart under other seeds, and with regressions planted in it'
echo
echo "By \`eng/variants.sh\`: as it is, and with the seeds $seeds of everything (samples of items and tokens, split, training, chance)."
echo
"$akv" doctor | sed -n 's/^[a-z]* *\(processor\|runtime\) *\(.*\)$/- \1: \2/p'
echo
echo '| metric | as it is | least | median | most | standard deviation | rules |'
echo '|---|---:|---:|---:|---:|---:|---|'
for stage in evaluate train; do
  # "  name: {rules}   # why"
  while IFS=$'\t' read -r name rules; do
    jq -r --arg stage "$stage" --arg name "$name" --arg rules "$rules" --arg seeds "$seeds" '
      def rounded: if . == 0 then 0 else . as $x | (pow(10; 3 - ($x | fabs | log10 | floor))) as $p | ($x * $p | round) / $p end;
      def deviation: (add / length) as $mean | if length < 2 then 0 else (map(pow(. - $mean; 2)) | add / (length - 1) | sqrt) end;
      map({values, metric: (.metrics["\($stage).\($name)"] // empty | tonumber)})
      | (map(select(.values == [] or .values == ["seed=42"]))[-1].metric) as $now
      | (map(select(.values[0] as $value | $seeds | split(",") | map("seed=" + .) | index($value)) | .metric) | sort) as $changed
      | "| \($name) | \($now) | \($changed[0]) | \($changed[$changed | length / 2 | floor]) | \($changed[-1]) | \($changed | deviation | rounded) | \($rules) |"' "$scratch/runs.json"
  done < <(sed -n 's/^  \([^ #:"]*\): *{\(.*\)}.*$/\1\t\2/p' "${files[$stage]}")
done

echo
echo "What the gate says, against the quickstart as it is, of the further seeds $further and of the regressions:"
echo
echo '| change | expected | verdict | rules that are broken |'
echo '|---|---|---|---|'
wrong=0
judge() { # CHANGE passes|stopped
  local stage broken='' verdict
  for stage in train evaluate; do
    # A copy: what a planted pipeline made is not what the lock file of the sound one has, which gate would say instead.
    cp $made/$stage/metrics.json "$scratch/judged.json"
    broken+="$({ "$akv" gate "$scratch/judged.json" --thresholds "${files[$stage]}" --baseline "$scratch/$stage.json" --json || [ $? -eq 3 ]; } |
      jq -r '.[] | select(.passed | not) | "\(.metric) \(.value): \(.rule)"')"$'\n'
  done
  broken="$(sed '/^$/d' <<<"$broken" | paste -sd '|' | sed 's/|/; /g')"
  verdict="$([ -z "$broken" ] && echo passes || echo stopped)"
  echo "| $1 | $2 | $verdict | $broken |"
  [ "$verdict" = "$2" ] || wrong=$((wrong + 1))
}

for seed in ${further//,/ }; do
  run pipelines/quickstart.yaml -S "seed=$seed"
  judge "seed $seed" passes
done

# A planted file stands in the place of what a stage made, wherever that is read.
plant() { # KIND ARTIFACT FILE
  local file="planted/$1.${3##*.}"
  run pipelines/quickstart.yaml
  mkdir -p planted
  dotnet run -c Release "$repository/eng/plant.cs" "$1" "$made/$3" "$file" >&2
  sed "s#: $2\b#: $file#" pipelines/quickstart.yaml >planted/quickstart.yaml
  run planted/quickstart.yaml
}

run pipelines/quickstart.yaml -S 'dataset.features=[entropy]'
judge 'one feature only (entropy)' stopped
plant labels dataset.dataset dataset/dataset.parquet
judge 'labels shuffled among the training tokens' stopped
plant scaling train.controller train/controller.safetensors
judge 'features scaled wrongly in the controller (mean 0, deviation 1)' stopped
run pipelines/quickstart.yaml -S train.epochs=1
judge 'one epoch of training' stopped
plant transform calibrate.transform calibrate/transform.safetensors
judge "calibration of another model (other layers' statistics)" stopped
run pipelines/quickstart.yaml
[ "$wrong" -eq 0 ]
