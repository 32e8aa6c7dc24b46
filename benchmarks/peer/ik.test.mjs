import assert from "node:assert/strict";
import test from "node:test";
import { join, parseBatches, parseSweep, sweepsOf } from "./ik.mjs";

const row = (n_kv, pp, t_pp, t_tg) => `{"n_kv_max": 512, "n_batch": 2048, "n_ubatch": ${pp}, "flash_attn": 1, "n_gpu_layers": -1, "n_threads": 2, "n_threads_batch": 2, "pp": ${pp}, "tg": 32, "n_kv": ${n_kv}, "t_pp": ${t_pp}, "speed_pp": 1.0, "t_tg": ${t_tg}, "speed_tg": 1.0, "rss_hwm_mib": 100.0, "vram_delta_mib": null }`;
const log = (rows) => `llama_kv_cache_init: KV self size  =   11.25 MiB, K (f16):    5.62 MiB, V (f16):    5.62 MiB\n${rows.join("\n")}\nllama_print_timings: load time = 1 ms\n`;

test("depths that the prompt divides take one sweep, others one each", () => {
  assert.deepEqual(sweepsOf({ depths: [128, 1024, 4096], prefill: 512, prefillDepths: [1024, 4096] }), [
    { prompt: 512, most: 4096, stride: 2 }, { prompt: 128, most: 128, stride: 1 },
  ]);
  assert.deepEqual(sweepsOf({ depths: [100], prefill: 512, prefillDepths: [] }), [{ prompt: 512, most: 0, stride: 1 }, { prompt: 100, most: 100, stride: 1 }]);
});

test("rows and the size of the cache are found among all that is printed", () => {
  const { rows, bytesPerToken } = parseSweep(log([row(0, 256, 0.5, 0.32)]));
  assert.deepEqual(rows.map(({ n_kv, t_pp }) => [n_kv, t_pp]), [[0, 0.5]]);
  assert.equal(bytesPerToken, (11.25 * 1024 * 1024) / 512);
  assert.throws(() => parseSweep("error: unable to load model"), /printed no rows/);
});

const table = `
|    PP |     TG |    B |   N_KV |   T_PP s | S_PP t/s |   T_TG s | S_TG t/s |      T s |    S t/s |
|-------|--------|------|--------|----------|----------|----------|----------|----------|----------|
|   128 |     32 |    1 |    160 |    0.100 |  1280.00 |    0.160 |   200.00 |    0.260 |   615.38 |
|   128 |     32 |    4 |    640 |    0.400 |  1280.00 |    0.320 |   400.00 |    0.720 |   888.89 |
`;

test("a batch's step is its time over the tokens of each sequence", () => {
  assert.deepEqual(parseBatches(table), [{ depth: 128, sessions: 1, mean_ms: 5 }, { depth: 128, sessions: 4, mean_ms: 10 }]);
});

const job = { depths: [128, 256], prefill: 256, prefillDepths: [256], batch: [1, 4], batchDepths: [128], threads: 2, tokens: 32 };
const sweeps = [parseSweep(log([row(0, 256, 0.5, 0.32), row(256, 256, 0.75, 0.48)])), parseSweep(log([row(0, 128, 0.1, 0.3), row(128, 128, 0.2, 0.4)]))];

test("all sweeps make one result", () => {
  const result = join(sweeps, parseBatches(table), job);
  assert.deepEqual(result.prefills, [{ depth: 0, tokens: 256, with_logits_ms: 500 }, { depth: 256, tokens: 256, with_logits_ms: 750 }]);
  assert.deepEqual(result.decodes.map(({ depth, mean_ms }) => [depth, mean_ms]), [[128, 12.5], [256, 15]]);
  assert.equal(result.peak_rss_bytes, 100 * 1024 * 1024);
});

test("what was not measured as asked is an error", () => {
  assert.throws(() => join(sweeps, [], job), /no 1 sequences at 128/);
  assert.throws(() => join(sweeps.slice(1), parseBatches(table), job), /no prompt at 0/);
  assert.throws(() => join(sweeps, parseBatches(table), { ...job, threads: 4 }), /other threads/);
});
