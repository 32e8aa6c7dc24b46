// What a KV cache of few bits costs in quality, in both engines: mean KL of the predictions from those of the same engine with its 16-bit cache, over the same windows of a
// text, each read from an empty cache. Prints Markdown.
//   benchmarks/peer/run quality --model M.gguf --text T.txt [--calibration OTHER] [--tokens 512] [--windows 8] [--threads 2]
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { buildAkv, describePeer, diverge } from "./engines.mjs";

const POLICIES = ["static-8", "static-4", "static-3"];
const PEER = ["q8_0", "q4_0"];

const { values } = parseArgs({
  options: {
    model: { type: "string" }, text: { type: "string" }, calibration: { type: "string" }, tokens: { type: "string", default: "512" }, windows: { type: "string", default: "8" }, threads: { type: "string", default: "2" },
  },
});
if (!values.model || !values.text) {
  console.error("error: --model and --text are needed");
  process.exit(2);
}
const [window, windows, threads] = [values.tokens, values.windows, values.threads].map(Number);
const model = path.resolve(values.model);

const akv = buildAkv();
const peer = await describePeer(model, values.text, window * windows);
const folder = mkdtempSync(path.join(os.tmpdir(), "akv-quality-"));
const rows = [];
const codes = [["as usually coded", ["--code", "minmax"]], ["rotated, clipped ranges", []]];
try {
  const ids = path.join(folder, "ids.json");
  writeFileSync(ids, JSON.stringify(peer.ids));
  for (const mode of PEER) {
    const { kl, agree } = await diverge({ model, ids, mode, reference: "f16-fa", window, threads });
    const mean = kl.reduce((sum, value) => sum + value, 0) / kl.length;
    const error = Math.sqrt(kl.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kl.length - 1) / kl.length);
    rows.push({ cache: `llama.cpp ${mode}`, bits: mode === "q8_0" ? 8.5 : 4.5, mean, error, agree: agree / kl.length, count: kl.length });
  }

  if (values.calibration) {
    const transform = path.join(folder, "transform.safetensors");
    execFileSync(akv.dotnet, [akv.program, "calibrate", "--model", model, "--data", values.calibration, "--output", transform], { stdio: ["ignore", "ignore", "inherit"] });
    codes.push(["calibrated", ["--transform", transform]]);
  }

  for (const [name, code] of codes) {
    const report = JSON.parse(execFileSync(akv.dotnet, [
      akv.program, "perplexity", "--json", "--model", model, "--text", values.text, "--tokens", `${window}`, "--windows", `${windows}`, "--threads", `${threads}`,
      "--policies", ["static-16", ...POLICIES].join(","), ...code,
    ], { maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] }));
    for (const policy of report.policies.filter((policy) => policy.divergence)) {
      rows.push({
        cache: `akv ${policy.policy}, ${name}`, bits: policy.effective_bits, mean: policy.divergence.kl, error: policy.divergence.kl_standard_error,
        agree: policy.divergence.top_agreement.value, count: policy.tokens,
      });
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

console.log(`# What a cache of few bits costs, in both engines

\`benchmarks/peer/run quality --tokens ${window} --windows ${windows}\`: mean KL of ${window * windows} predictions from those of the same engine with its 16-bit cache, in nats;
${path.basename(model)}, ${path.basename(values.text)}, windows of ${window} tokens, each from an empty cache${values.calibration ? `, calibrated on ${path.basename(values.calibration)}` : ""}; 95 % intervals over predictions, which within a window are not independent.
akv in two-pass mode; llama.cpp ${peer.llama_cpp} (node-llama-cpp ${peer.node_llama_cpp}) in batches of 16, flash attention on. ${os.cpus()[0].model}.

| cache | bits per element | KL | 95 % interval | same likeliest token |
|---|---:|---:|---:|---:|`);
for (const row of rows) {
  console.log(`| ${row.cache} | ${row.bits.toFixed(2)} | ${row.mean.toFixed(4)} | ${(row.mean - 1.96 * row.error).toFixed(4)} to ${(row.mean + 1.96 * row.error).toFixed(4)} | ${(100 * row.agree).toFixed(1)} % |`);
}
