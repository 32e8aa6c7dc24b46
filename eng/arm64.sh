#!/usr/bin/env bash
# ARM64 on an x64 machine: publishes for linux-arm64 and runs that under qemu's user mode. Nothing of it says how fast an ARM processor is; the instructions of a decoded
# token, which qemu counts for both architectures in the same way, are the nearest to it that an emulator has. Needs root for the first time (Debian's qemu-user), a network
# for the first time, and gcc for the counts. Ends with "N passed, N failed, N skipped".
#   eng/arm64.sh               all of it: about half an hour of two cores
#   eng/arm64.sh PART...       some of: tests (kernels, golden logits, property tests, on a processor with the dot product of bytes), plain (the kernels on one without),
#                              table (the quickstart's static policies, beside x64), commands (every stage and the server), counts (instructions)
#   AKV_SLOW=1 eng/arm64.sh    tests with those that read whole texts by the scalar reference, too: hours
set -euo pipefail
root="$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
out="$root/.build/arm64" program="$root/.build/arm64/publish/Unit/release_linux-arm64"
micro="$root/assets/micro"
passed=0 failed=0 skipped=0
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(tests plain table commands counts)

wanted() { case " ${parts[*]} " in *" $1 "*) ;; *) return 1 ;; esac; }

finish() {
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] || exit 1
  exit 0
}

skip() {
  echo "skipped: $*"
  skipped=$((skipped + 1))
}

# check NAME COMMAND...: what the command says is shown where it fails.
check() {
  local name="$1" log="$out/check.log"
  shift
  if "$@" >"$log" 2>&1; then
    echo "ok: $name"
    passed=$((passed + 1))
  else
    echo "failed: $name"
    tail -n 20 "$log"
    failed=$((failed + 1))
  fi
}

install_qemu() {
  if command -v qemu-aarch64 >/dev/null && command -v qemu-x86_64 >/dev/null; then return; fi
  if command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
    apt-get update -qq >/dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends qemu-user >/dev/null 2>&1 || true
  fi
  command -v qemu-aarch64 >/dev/null && command -v qemu-x86_64 >/dev/null
}

# The libraries of Debian that .NET needs, unpacked, not installed: this system keeps its own architecture.
make_sysroot() {
  local apt="$out/apt" options package
  if [ -e "$out/sysroot/done" ]; then return; fi
  command -v apt-get >/dev/null || return 1
  rm -rf "$apt" "$out/sysroot"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$out/sysroot"
  options=(-qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update >/dev/null 2>&1 || return 1
  (cd "$apt" && apt-get "${options[@]}" download libc6 libgcc-s1 libstdc++6 libssl3 >/dev/null 2>&1) || return 1
  for package in "$apt"/*.deb; do dpkg-deb -x "$package" "$out/sysroot"; done
  rm -rf "$apt"
  touch "$out/sysroot/done"
}

# qemu's code is not seen by a page that is written through one address and run at another.
export DOTNET_EnableWriteXorExecute=0

# arm CPU PROGRAM ARGUMENT...: a published program on such a processor.
arm() {
  local cpu="$1"
  shift
  qemu-aarch64 -cpu "$cpu" -L "$out/sysroot" "${plugin[@]}" "$program/$1" "${@:2}"
}
plugin=()

x64() { "$dotnet" "$cli/akv.dll" "$@"; }

# run_tests CPU FILTER...: tests on such a processor; shows golden logits and what fails, and adds to the counts.
run_tests() {
  local cpu="$1" log="$out/tests.log" start=$SECONDS t e f s n
  shift
  DOTNET_TieredPGO=0 AKV_SHARED="$out/none" arm "$cpu" AdaptiveKv.Unit -noLogo -noColor -noAutoReporters -maxThreads "$(nproc)" -showLiveOutput "$@" >"$log" 2>&1 || true
  sed -nE 's/.*\[OUTPUT\] (.*: worst (logit|of [0-9]+ items) .*)/\1/p' "$log" | sort -u
  grep -A 4 '\[FAIL\]' "$log" || true
  read -r t e f s n < <(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+), Not Run: ([0-9]+).*/\1 \2 \3 \4 \5/p' "$log") || true
  if [ -z "${n:-}" ]; then
    echo "the tests on $cpu did not report: "
    tail -n 5 "$log"
    failed=$((failed + 1))
    return
  fi
  echo "tests on $cpu: $((t - f - s - n)) passed, $((f + e)) failed, $s skipped in $((SECONDS - start)) s"
  passed=$((passed + t - f - s - n)) failed=$((failed + f + e)) skipped=$((skipped + s))
}

# Kernels add up in other orders, so that x64's own differ, too: ARM64 must lie within what they give, widened by 0.1 % of a perplexity and 3 % of a divergence.
table() {
  local command kernels files=() good bad
  command=(perplexity -m "$micro/micro-ledger.gguf" --text "$micro/ledgers_validation.txt" --policies static-16,static-8,static-4,static-3,static-2 --tokens 256 --windows 4 --json
    --transform "$out/transform.safetensors")
  x64 calibrate -m "$micro/micro-ledger.gguf" --data "$micro/ledgers_train.txt" --tokens 2048 --window 128 -o "$out/transform.safetensors" >/dev/null 2>&1
  for kernels in vector128 avx2 avx512; do
    if x64 "${command[@]}" --kernels "$kernels" >"$out/x64-$kernels.json" 2>/dev/null; then files+=("$out/x64-$kernels.json"); fi
  done
  arm max akv "${command[@]}" >"$out/neon.json" 2>"$out/check.log" || tail -n 5 "$out/check.log"
  awk -v counts="$out/table.counts" '
    function note(key, value) {
      if (FILENAME ~ /neon/) { here[policy, key] = value; return }
      if (!((policy, key) in low) || value < low[policy, key]) low[policy, key] = value
      if (!((policy, key) in high) || value > high[policy, key]) high[policy, key] = value
    }
    function near(key, part) { return (policy, key) in here && here[policy, key] >= low[policy, key] * (1 - part) && here[policy, key] <= high[policy, key] * (1 + part) }
    { gsub(/[",]/, "") }
    $1 == "policy:" { policy = $2; if (!(policy in seen)) { seen[policy] = 1; order[++n] = policy } }
    /^      perplexity:/ { note("perplexity", $2 + 0) }
    /^        kl:/ { note("kl", $2 + 0) }
    END {
      print "| policy | perplexity by kernels of x64 | on ARM64 | KL by kernels of x64 | on ARM64 |\n|---|---:|---:|---:|---:|"
      for (i = 1; i <= n; i++) {
        policy = order[i]
        printf "| %s | %.4f to %.4f | %.4f | %.5f to %.5f | %.5f |\n", policy, low[policy, "perplexity"], high[policy, "perplexity"], here[policy, "perplexity"], low[policy, "kl"], high[policy, "kl"], here[policy, "kl"]
        if (near("perplexity", 0.001) && (policy == "static-16" || near("kl", 0.03))) good++; else bad++
      }
      print good + 0, bad + 0 > counts
    }' "${files[@]}" "$out/neon.json"
  read -r good bad <"$out/table.counts"
  [ $((good + bad)) -gt 0 ] || bad=1
  passed=$((passed + good)) failed=$((failed + bad))
}

served() {
  local code=1 port=18764 pid
  # Not by the function: its number would be that of a shell, and the server would outlive it.
  qemu-aarch64 -cpu max -L "$out/sysroot" "$program/akv" serve -m "$micro/micro-ledger.gguf" --port "$port" --kv-budget 8MB &
  pid=$!
  for _ in $(seq 120); do
    if curl -fsS --max-time 60 "http://127.0.0.1:$port/v1/completions" -H 'Content-Type: application/json' -d '{"model": "micro-ledger", "prompt": "ab", "max_tokens": 4}'; then
      code=0
      break
    fi
    sleep 1
  done
  kill "$pid"
  wait "$pid" || true
  return "$code"
}

# refused: training has no native library here, and says so in one line.
refused() {
  local work="$out/work"
  ! arm max akv train --dataset "$work/dataset.parquet" --rarity "$work/rarity.safetensors" --controller "$work/controller.safetensors" --history "$work/history.json" --metrics "$work/metrics.json" 2>"$out/train.log" &&
    grep '^error: .*there is no package of it for linux-arm64' "$out/train.log" && [ "$(grep -c '^error' "$out/train.log")" -eq 1 ]
}

commands() {
  rm -rf "$out/work"
  mkdir -p "$out/work"
  cd "$root"
  check "doctor" arm max akv doctor
  check "calibrate" arm max akv calibrate -m "$micro/micro-ledger.gguf" --data "$micro/ledgers_train.txt" --tokens 256 --window 128 -o "$out/work/transform.safetensors"
  check "collect" arm max akv collect -m "$micro/micro-ledger.gguf" --data "$micro/items_train.jsonl" --limit 6 --samples 4 --tiers 2,4 \
    --tokens "$out/work/tokens" --items "$out/work/items" --rarity "$out/work/rarity.safetensors" --summary "$out/work/collected.json"
  check "dataset" arm max akv dataset --tokens "$out/work/tokens" --items "$out/work/items" --labels counterfactual --tiers 2,4 --target-bits 3 --dataset "$out/work/dataset.parquet" --summary "$out/work/labelled.json"
  check "train says in one line what it lacks" refused
  check "generate" arm max akv generate -m "$micro/micro-ledger.gguf" -p "a b" --max-tokens 4 --policy static-3+sinks1
  check "evaluate" arm max akv evaluate -m "$micro/micro-ledger.gguf" --data "$micro/items_validation.jsonl" --policies static-16,static-2 --limit 2
  check "serve" served
}

# Of all threads; the JIT compiles everything once, so that what a program does before its first token cancels out.
count() {
  local log="$out/count.log" tokens="$1"
  shift
  DOTNET_TieredCompilation=0 "$@" --max-tokens "$tokens" >"$log" 2>&1 || { tail -n 3 "$log" >&2; return 1; }
  grep -q "^$tokens tokens" "$log" || { echo "other than $tokens tokens were generated" >&2; return 1; }
  sed -n 's/ instructions$//p' "$log" | tail -n 1
}

# counted NAME COMMAND...: a row of the table: what 24 tokens take more than 8, by 16.
counted() {
  local name="$1" few many
  shift
  if few="$(count 8 "$@")" && many="$(count 24 "$@")" && [ -n "$few" ] && [ -n "$many" ]; then
    printf '| %s | %s |\n' "$name" "$(awk -v n="$(((many - few) / 16))" 'BEGIN { printf "%.2f", n / 1e6 }')"
    passed=$((passed + 1))
  else
    echo "| $name | failed |"
    failed=$((failed + 1))
  fi
}

counts() {
  local model="$micro/micro-ledger.gguf" policy api=1 generate
  if ! command -v gcc >/dev/null; then
    skip "the counts of instructions need gcc"
    return
  fi
  [ "$(qemu-aarch64 --version | sed -nE 's/.*version ([0-9]+).*/\1/p')" -lt 9 ] || api=2
  gcc -O2 -shared -fPIC -DAPI="$api" -o "$out/instructions.so" "$root/eng/arm64/instructions.c"
  plugin=(-plugin "$out/instructions.so")
  [ ! -f "${AKV_SHARED:-$root/../shared}/models/SmolLM2-135M-Instruct.Q4_1.gguf" ] || model="${AKV_SHARED:-$root/../shared}/models/SmolLM2-135M-Instruct.Q4_1.gguf"
  echo "Millions of instructions for a decoded token, of 16 from the ninth on, one thread, ${model##*/}"
  printf '| processor, policy | instructions (10^6) |\n|---|---:|\n'
  for policy in static-16 static-4; do
    generate=(generate -m "$model" -p "Once upon a time" --threads 1 --policy "$policy")
    counted "ARM64 with the dot product of bytes, $policy" arm max akv "${generate[@]}"
    counted "ARM64 without (Cortex-A72), $policy" arm cortex-a72 akv "${generate[@]}"
    counted "x64 with AVX2, $policy" qemu-x86_64 -cpu max "${plugin[@]}" "$dotnet" "$cli/akv.dll" "${generate[@]}"
  done
  plugin=()
}

[ "$(uname -m)" = x86_64 ] || { skip "this is no x64 machine: where it has ARM64, ./akv test needs no emulator"; finish; }
install_qemu || { skip "qemu-user is not there and cannot be installed (Debian, as root)"; finish; }
make_sysroot || { skip "Debian's packages for arm64 cannot be fetched"; finish; }

"$root/akv" --version >/dev/null
{ read -r _ && IFS= read -r dotnet && IFS= read -r cli; } <"$root/.build/akv/current"
cli="$root/.build/akv/$cli"
"$dotnet" publish "$root/tests/Unit/Unit.csproj" -c Release -r linux-arm64 --self-contained -p:ArtifactsPath="$out" -p:RunAnalyzers=false -nologo -v quiet -clp:NoSummary >"$out/publish.log" ||
  { tail -n 20 "$out/publish.log"; failed=1; finish; }

slow=(-class- '*.RangeTests' -class- '*.ForwardTests')
[ -z "${AKV_SLOW:-}" ] || slow=()
if wanted tests; then run_tests max -trait Category=Kernels "${slow[@]}"; fi
if wanted plain; then run_tests cortex-a72 -class '*ByteDotTests' -class '*KeyFormatTests' -class '*ValueFormatTests' -class '*MatrixProductTests' -class '*AttentionWorkerTests' -class '*MicroGoldenTests'; fi
if wanted table; then table; fi
if wanted commands; then commands; fi
if wanted counts; then counts; fi
finish
