#!/usr/bin/env bash
# Retrains a pipeline, compares its metrics with those of a base branch and judges them by thresholds; for any CI.
# Writes a Markdown report and ends with the gate's code: 0 passed, 3 failed. Other codes are akv's own (2 configuration, 75 try again, ...).
#
#   eng/retrain.sh --pipeline pipelines/quickstart.yaml --metrics artifacts/quickstart/evaluate/metrics.json \
#     --thresholds pipelines/quickstart.thresholds.yaml --base origin/main --report retrain.md [-- -S train.lr=3e-4]
#
# $AKV is the command that runs, by default the akv of each checkout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

pipeline='' metrics='' thresholds='' base=origin/main report=retrain.md
while [ $# -gt 0 ]; do
  case "$1" in
    --pipeline) pipeline="$2" ;;
    --metrics) metrics="$2" ;;
    --thresholds) thresholds="$2" ;;
    --base) base="$2" ;;
    --report) report="$2" ;;
    --) shift; break ;;
    *) echo "error: unknown option '$1'; see the first lines of $0" >&2; exit 2 ;;
  esac
  shift 2
done
if [ -z "$pipeline" ] || [ -z "$metrics" ] || [ -z "$thresholds" ]; then
  echo "error: --pipeline, --metrics and --thresholds are needed; see the first lines of $0" >&2
  exit 2
fi

akv() { ${AKV:-./akv} "$@"; }

scratch="$(mktemp -d)"
trap 'git worktree remove --force "$scratch/base" 2>/dev/null || true; rm -rf "$scratch"' EXIT

akv validate --pipeline "$pipeline" "$@"
akv run --pipeline "$pipeline" "$@"

# The base's own program makes the base's metrics, from its own pipeline file.
commit="$(git rev-parse --short "$base^{commit}")"
baseline="$metrics"
note="Compared with \`$base\` ($commit)."
git worktree add --quiet --detach "$scratch/base" "$commit"
if [ -f "$scratch/base/$pipeline" ]; then
  (cd "$scratch/base" && akv run --pipeline "$pipeline")
  baseline="$scratch/base/$metrics"
else
  note="\`$base\` ($commit) has no $pipeline: nothing to compare with."
fi

{
  printf '## Retraining %s\n\n%s\n\n' "$(basename "$pipeline" .yaml)" "$note"
  akv metrics diff "$baseline" "$metrics" --md
  printf '\n### Gate\n\n'
} >"$report"

code=0
akv gate "$metrics" --thresholds "$thresholds" --baseline "$baseline" --md >>"$report" || code=$?
case "$code" in
  0) printf '\nAll rules hold.\n' >>"$report" ;;
  3) printf '\n**Some rules are broken.**\n' >>"$report" ;;
esac
echo "report: $report" >&2
exit "$code"
