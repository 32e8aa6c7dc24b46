// The same rounds with all engines, prompts at depths and sequences together.
import assert from "node:assert/strict";
import test from "node:test";
import { akvConfigs, peerConfigs, summarize } from "./report.mjs";
import { markdown } from "./tables.mjs";

const setup = {
  model: { name: "model.gguf", sha256: "aa" },
  ids: { source: "text.txt", count: 300, sha256: "bb" },
  settings: {
    depths: [128], tokens: 3, prefill: 64, threads: 2, policies: ["static-16"], modes: ["f16-fa"],
    arithmetics: ["int8", "int8-single"], prefillDepths: [256], batch: [1, 4], batchDepths: [128], sharpModes: ["f16"], ikModes: ["f16", "q8_0"],
  },
  akv: { build: "cccccccccccccccc" },
  sharp: { llamasharp: "0.30.0" },
  ik: { sweep_sha256: "dd".repeat(32), batched_sha256: "ee".repeat(32), options: ["-rtr"] },
  peer: { node_llama_cpp: "3.22.1", llama_cpp: "b1", build: "prebuilt", system_info: "AVX2 = 1" },
  machine: { cpu: "Some Processor", cores: 2, os: "Linux 6", node: "v20" },
};

/** Steps of 1, 2 and 6 times ms: their median is 2, their mean 3 times as long. */
const own = (config, ms) => ({
  config, load: 1, seconds: 1,
  prefill: { tokens: 64, ms: 20 * ms, first_token_ms: 21 * ms },
  prefills: [0, 256].map((depth) => ({ depth, tokens: 64, ms: 20 * ms, ...(config.startsWith("akv") ? { with_logits_ms: 30 * ms } : {}) })),
  decodes: [{ depth: 128, ms: 2 * ms, kv_bytes: 1000, step_ms: [1, 2, 6].map((step) => step * ms), next: [1, 2, 3] }],
  batches: [1, 4].map((sessions) => ({ depth: 128, sessions, ms: 2 * ms, step_ms: [1, 2, 6].map((step) => step * ms) })),
  peak_rss_bytes: 1e8,
});
const ik = (config, ms) => ({
  config, load: 1, seconds: 1,
  prefills: [0, 256].map((depth) => ({ depth, tokens: 64, with_logits_ms: 60 * ms })),
  decodes: [{ depth: 128, mean_ms: 6 * ms, kv_bytes: 1000 }],
  batches: [1, 4].map((sessions) => ({ depth: 128, sessions, mean_ms: 12 * ms })),
  peak_rss_bytes: 1e8,
});
const rounds = [1, 2].map((drift, round) => ({
  kind: "round", phase: "pair", round,
  runs: [
    own("akv static-16", drift), own("akv static-16 int8-single", drift / 2), own("llama.cpp f16-fa", 1.5 * drift), own("LLamaSharp f16", 2.5 * drift),
    ik("ik_llama.cpp f16", (round === 0 ? 1 : 3) * drift), ik("ik_llama.cpp q8_0", 2 * drift),
  ],
}));
const summary = summarize(setup, rounds);
const ratio = (policy, other, what) => summary.ratios.find((row) => row.policy === policy && row.other === other && row.what === what)?.median;

test("policies are run under each arithmetic, peers in each mode", () => {
  assert.deepEqual(akvConfigs(setup.settings), ["akv static-16", "akv static-16 int8-single"]);
  assert.deepEqual(peerConfigs(setup.settings), ["llama.cpp f16-fa", "LLamaSharp f16", "ik_llama.cpp f16", "ik_llama.cpp q8_0"]);
});

test("against an engine that gives medians, medians are compared", () => {
  assert.equal(ratio("akv static-16", "llama.cpp f16-fa", "decode at 128"), 1.5);
  assert.equal(ratio("akv static-16", "LLamaSharp f16", "first token"), 2.5);
  assert.equal(ratio("akv static-16 int8-single", "akv static-16", "4 together at 128"), 2);
});

test("against an engine that gives means and reads prompts with logits, both sides do", () => {
  assert.equal(ratio("akv static-16", "ik_llama.cpp q8_0", "decode at 128"), 4);
  assert.equal(ratio("akv static-16", "ik_llama.cpp q8_0", "prefill at 256"), 4);
  assert.equal(ratio("akv static-16", "ik_llama.cpp q8_0", "4 together at 128"), 8);
  assert.equal(ratio("akv static-16", "ik_llama.cpp q8_0", "first token"), undefined);
});

test("the fastest mode of an engine is taken round by round", () => {
  assert.equal(ratio("akv static-16", "ik_llama.cpp, fastest mode", "decode at 128"), 3);
});

test("every row of a table has the cells of its header, and what was not measured is a dash", () => {
  const text = markdown(summary);
  const cells = (line) => line.split("|").length;
  for (const part of text.split("\n## ").slice(1)) {
    const lines = part.split("\n").filter((line) => line.startsWith("|"));
    assert.ok(lines.length > 2 && lines.every((line) => cells(line) === cells(lines[0])), part);
  }
  assert.match(text, /^# akv, llama\.cpp, LLamaSharp and ik_llama\.cpp on model\.gguf/);
  assert.match(text, /\| ik_llama\.cpp f16 \| [\d.]+ \| [\d.]+ \| [\d.]+ \| - \|/);
  assert.match(text, /## Sequences together: tokens per second of all\n\n\| configuration \| 1 together at 128 \| 4 together at 128 \|/);
  assert.doesNotMatch(text, /undefined|NaN/);
});
