#!/usr/bin/env bash
# Retrains a pipeline, compares its metrics with those of a base branch and judges them by thresholds; for any CI.
# Writes a Markdown report and ends with the gate's code: 0 passed, 3 failed. Other codes are akv's own (2 configuration, 75 try again, ...).
#
#   eng/retrain.sh --pipeline pipelines/quickstart.yaml --metrics artifacts/quickstart/evaluate/metrics.json \
#     --thresholds pipelines/quickstart.thresholds.yaml --base origin/main --report retrain.md [--cache FOLDER] [-- -S train.lr=3e-4]
#
# --metrics and --thresholds may be given several times: the first thresholds judge the first metrics, and so on. --cache keeps the base's metrics by its commit, so that they are made once. That is right where the commit says all: where what the
# pipeline reads lies in the repository. $AKV is the command that runs, by default the akv of each checkout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "eng/retrain.sh"; }

pipeline='' metrics=() thresholds=() base=origin/main report=retrain.md cache=''
while [ $# -gt 0 ]; do
  case "$1" in
    --) shift; break ;;
    -h | --help) usage; exit 0 ;;
    --pipeline | --metrics | --thresholds | --base | --report | --cache)
      [ $# -ge 2 ] || { echo "error: $1 needs a value" >&2; exit 2; }
      case "$1" in
        --metrics) metrics+=("$2") ;;
        --thresholds) thresholds+=("$2") ;;
        *) declare "${1#--}=$2" ;;
      esac
      shift 2 ;;
    *) echo "error: unknown option '$1'; --help shows them" >&2; exit 2 ;;
  esac
done
if [ -z "$pipeline" ] || [ ${#metrics[@]} -eq 0 ] || [ ${#metrics[@]} -ne ${#thresholds[@]} ]; then
  echo "error: --pipeline, and --metrics and --thresholds in pairs are needed; --help shows how" >&2
  exit 2
fi

akv() { ${AKV:-./akv} "$@"; }

scratch="$(mktemp -d)"
trap 'git worktree remove --force "$scratch/base" 2>/dev/null || true; rm -rf "$scratch"' EXIT

akv validate --pipeline "$pipeline" "$@"
akv run --pipeline "$pipeline" "$@"

# The base's own program makes the base's metrics, from its own pipeline file.
commit="$(git rev-parse --short "$base^{commit}")"
baseline=.
note="Compared with \`$base\` ($commit)."
kept="${cache:+$cache/$(git rev-parse "$base^{commit}")}"
if ! git cat-file -e "$commit:$pipeline" 2>/dev/null; then
  note="\`$base\` ($commit) has no $pipeline: nothing to compare with."
elif [ -n "$kept" ] && (cd "$kept" && ls -- "${metrics[@]}") >/dev/null 2>&1; then
  echo "base: the metrics of $commit are kept in $cache" >&2
  baseline="$kept"
else
  git worktree add --quiet --detach "$scratch/base" "$commit"
  (cd "$scratch/base" && akv run --pipeline "$pipeline")
  baseline="$scratch/base"
  if [ -n "$kept" ]; then
    for file in "${metrics[@]}"; do
      [ -f "$baseline/$file" ] || continue
      mkdir -p "$(dirname "$kept/$file")"
      cat "$baseline/$file" >"$kept/$file.$$"
      mv -f "$kept/$file.$$" "$kept/$file"
    done
  fi
fi

code=0
printf '## Retraining %s\n\n%s\n' "$(basename "$pipeline" .yaml)" "$note" >"$report"
for i in "${!metrics[@]}"; do
  before="$baseline/${metrics[$i]}"
  {
    printf '\n### %s\n\n' "${metrics[$i]}"
    if [ ! -f "$before" ]; then
      printf '`%s` (%s) has no such metrics: nothing to compare with.\n\n' "$base" "$commit"
      before="${metrics[$i]}"
    fi
    akv metrics diff "$before" "${metrics[$i]}" --thresholds "${thresholds[$i]}" --markdown
    printf '\n#### Gate\n\n'
  } >>"$report"
  judged=0
  akv gate "${metrics[$i]}" --thresholds "${thresholds[$i]}" --baseline "$before" --markdown >>"$report" || judged=$?
  # What is wrong with the gate itself outweighs what it finds.
  if [ "$judged" -ne 0 ] && { [ "$code" -eq 0 ] || [ "$judged" -ne 3 ]; }; then
    code="$judged"
  fi
done
case "$code" in
  0) printf '\nAll rules hold.\n' >>"$report" ;;
  3) printf '\n**Some rules are broken.**\n' >>"$report" ;;
esac
echo "report: $report" >&2
exit "$code"
