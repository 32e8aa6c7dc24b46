#!/usr/bin/env bash
# Plants regressions in the quickstart and lets the gate judge them against the run as it is, and the ten harmless changes of seeds that eng/variants.sh makes: prints a
# table, and ends with 1 if a regression passes or a harmless change does not.
#
#   eng/regressions.sh FOLDER > benchmarks/results/controller/quickstart-regressions.md
#
# FOLDER is that of eng/variants.sh FOLDER, whose runs are taken. $AKV is the command that runs, by default ./akv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
  '' | -*) sed -n '2,/^[^#]/s/^# \{0,1\}//p' eng/regressions.sh; [ "${1:-}" = --help ] && exit 0 || exit 2 ;;
esac

akv="$(realpath "${AKV:-./akv}")"
repository="$PWD"
plant() { dotnet run -c Release "$repository/eng/plant.cs" "$@" >&2; }
cd "$1"
made=artifacts/quickstart
judge() { # NAME: 'passed', or the rules that the metrics in the folder break
  local broken='' metrics thresholds
  for metrics in train evaluate; do
    thresholds="$repository/pipelines/quickstart$([ $metrics = train ] && echo .train || true).thresholds.yaml"
    broken+="$("$akv" gate "$made/$metrics/metrics.json" --thresholds "$thresholds" --baseline "base/$metrics.json" --json 2>/dev/null | jq -r '.[] | select(.passed | not) | "\(.metric) \(.value): \(.rule)"')"$'\n'
  done
  broken="$(sed '/^$/d' <<<"$broken" | paste -sd ';' | sed 's/;/; /g')"
  echo "| $1 | $([ -z "$broken" ] && echo passed || echo "$(tr ';' '\n' <<<"$broken" | wc -l) broken") | ${broken//|/} |"
  [ -z "$broken" ]
}
run() { "$akv" run evaluate --pipeline "$@" >/dev/null 2>"$1.log" || { cat "$1.log" >&2; return 1; }; }

run pipelines/quickstart.yaml
mkdir -p base planted
cp -f $made/train/metrics.json base/train.json
cp -f $made/evaluate/metrics.json base/evaluate.json
plant labels $made/dataset/dataset.parquet planted/labels.parquet
plant scaling $made/train/controller.safetensors planted/scaling.safetensors
plant transform $made/calibrate/transform.safetensors planted/transform.safetensors

echo '# Harmless changes and planted regressions before the gate of the quickstart'
echo
echo 'By `eng/regressions.sh`, against the run as it is.'
echo
echo '| change | verdict | rules that are broken |'
echo '|---|---|---|'
wrong=0
for seed in 1 2 3 4 5 6 7 8 9 10; do
  run pipelines/quickstart.yaml -S seed=$seed
  judge "seed=$seed" || wrong=$((wrong + 1))
done

# A planted file stands in the place of what its stage made.
planted() { # NAME STAGE DEP FILE
  sed "/^  $2:/,/^  [a-z]*:/s#$3: [a-z]*\.[a-z]*#$3: $4#" pipelines/quickstart.yaml >planted/quickstart.yaml
  run planted/quickstart.yaml
  if judge "$1"; then wrong=$((wrong + 1)); fi
}
run pipelines/quickstart.yaml -S 'dataset.features=[key_norm]'
if judge 'one feature only (key_norm)'; then wrong=$((wrong + 1)); fi
run pipelines/quickstart.yaml -S train.epochs=1
if judge 'one epoch'; then wrong=$((wrong + 1)); fi
planted 'labels shuffled' train dataset planted/labels.parquet
planted 'wrong scaling of the features' evaluate controller planted/scaling.safetensors
planted "another model's calibration" evaluate transform planted/transform.safetensors
run pipelines/quickstart.yaml
[ $wrong -eq 0 ]
