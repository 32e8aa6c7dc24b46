import assert from "node:assert/strict";
import test from "node:test";
import { summarize } from "./report.mjs";
import { markdown } from "./tables.mjs";

const setup = {
  model: { name: "model.gguf", sha256: "aa" },
  ids: { source: "text.txt", count: 300, sha256: "bb" },
  settings: { depths: [128, 256], tokens: 3, prefill: 64, threads: 2, policies: ["static-16", "static-4"], modes: ["f16", "f16-fa", "q8_0"] },
  akv: { build: "cccccccccccccccc" },
  peer: { node_llama_cpp: "3.22.1", llama_cpp: "b1", build: "prebuilt", system_info: "AVX2 = 1" },
  machine: { cpu: "Some Processor", cores: 2, os: "Linux 6", node: "v20" },
};

/** A process whose step takes base + slope * position milliseconds. */
function run(config, base, slope, next = [1, 2, 3], load = 2) {
  return {
    config, load, seconds: 1,
    ...(config.startsWith("akv") ? { akv: { version: "0.1.0", machine: { runtime: ".NET 10", instruction_sets: "AVX2" } } } : {}),
    prefill: { tokens: 64, ms: 16 * base, first_token_ms: 17 * base },
    decodes: [128, 256].map((depth) => ({ depth, ms: base + slope * (depth + 2), kv_bytes: 1000 * depth, step_ms: [1, 2, 3], next })),
    peak_rss_bytes: 1e8,
  };
}

const pair = (round, drift) => ({
  kind: "round", phase: "pair", round,
  runs: [
    run("akv static-16", 2 * drift, 0), run("llama.cpp f16", 4 * drift, 0), run("akv static-4", 1 * drift, 0),
    run("llama.cpp f16-fa", (round % 2 === 0 ? 3 : 5) * drift, 0), run("llama.cpp q8_0", 6 * drift, 0.01 * drift, [1, 2, 9]),
  ],
});
const rounds = [
  { kind: "round", phase: "floor", round: 0, runs: [run("akv static-16", 2, 0), run("akv static-16", 2.2, 0), run("llama.cpp f16", 4, 0), run("llama.cpp f16", 3.6, 0)] },
  ...[1, 1.5, 3].map((drift, round) => pair(round, drift)),
];
const summary = summarize(setup, rounds);
const ratio = (policy, other, what) => summary.ratios.find((row) => row.policy === policy && row.other === other && row.what === what);

test("ratios are formed within a round, so that a drifting machine cancels", () => {
  const row = ratio("akv static-16", "llama.cpp f16", "decode at 128");
  assert.deepEqual([row.n, row.median, row.low, row.high], [3, 2, 2, 2]);
  assert.equal(ratio("akv static-4", "akv static-16", "prefill").median, 2);
});

test("the faster of the f16 modes is taken round by round", () => {
  const row = ratio("akv static-16", "llama.cpp f16, faster of both", "decode at 256");
  assert.deepEqual([row.low, row.median, row.high], [1.5, 1.5, 2]);
});

test("slopes are fitted per process", () => {
  assert.ok(Math.abs(summary.absolute.find((row) => row.config === "llama.cpp q8_0").fit.c_ms_per_1000 - 15) < 1e-9);
});

test("the noise floor is the second process over the first", () => {
  assert.deepEqual(summary.floor.filter((row) => row.what === "prefill").map((row) => [row.config, row.median.toFixed(2)]), [["akv static-16", "1.10"], ["llama.cpp f16", "0.90"]]);
});

test("agreement counts equal next tokens", () => {
  assert.deepEqual(summary.agreement.filter((row) => row.policy === "akv static-4").map((row) => [row.other, row.same, row.steps]), [["llama.cpp f16", 6, 6], ["llama.cpp f16-fa", 6, 6], ["llama.cpp q8_0", 4, 6]]);
});

test("few pairs and a busy machine are said loudly", () => {
  assert.match(markdown(summary), /> \*\*3 pairs: a claim needs 10\.\*\*/);
  assert.doesNotMatch(markdown(summary), /busy/);
  const busy = summarize(setup, [{ ...rounds[1], runs: rounds[1].runs.map((one) => ({ ...one, load: 7 })) }]);
  assert.match(markdown(busy), /> \*\*The machine was busy\*\*: load average 7\.00/);
});

test("every row of a table has the cells of its header", () => {
  const cells = (line) => line.split("|").length;
  for (const part of markdown(summary).split("\n## ").slice(1)) {
    const lines = part.split("\n").filter((line) => line.startsWith("|"));
    assert.ok(lines.length > 2 && lines.every((line) => cells(line) === cells(lines[0])), part);
  }
});

test("a record from before there were other engines and batches gives what it gave", () => {
  assert.deepEqual([...new Set(summary.ratios.map((row) => row.what))], ["decode at 128", "decode at 256", "prefill", "first token"]);
  assert.match(markdown(summary), /^# akv and llama\.cpp on model\.gguf, 2 threads\n/);
});
