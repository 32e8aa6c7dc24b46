#!/usr/bin/env bash
# Makes tests/Unit/Inference/Tokenization/reference.json.br anew: texts and their token ids by the Hugging Face tokenizers library.
# SmolLM2's vocabulary comes from the model file in $AKV_SHARED (by default ../shared).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$here/../.."
command -v node >/dev/null || { echo "error: node is not installed: the reference needs Node.js 20 or newer" >&2; exit 66; }

if [ ! -f "$here/node_modules/.package-lock.json" ] || [ "$here/package-lock.json" -nt "$here/node_modules/.package-lock.json" ]; then
  (cd "$here" && npm ci --ignore-scripts --loglevel=error >&2)
fi

node "$here/make.mjs" "${AKV_SHARED:-$root/../shared}/models/SmolLM2-135M-Instruct.Q4_1.gguf" "$root/tests/Unit/Inference/Tokenization/reference.json.br"
