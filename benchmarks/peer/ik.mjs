// The processes of ik_llama.cpp, built by the user: llama-sweep-bench for prefill and decoding by depth, llama-batched-bench for sequences that decode together. Neither
// takes token ids: the first draws its own at random, the second repeats one.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { IK_MODES } from "./modes.mjs";

const MIB = 1024 * 1024;

/** The program of a build, in its folder or in bin below it; null where it was not built. */
export function ikProgram(folder, name) {
  return [folder, path.join(folder, "bin"), path.join(folder, "build", "bin")].map((place) => path.join(place, name)).find((file) => existsSync(file)) ?? null;
}

/** What must stay the same between two rounds: the hashes of the programs, the options they are started with. */
export function describeIk(folder, options) {
  const hash = (name) => {
    const program = ikProgram(folder, name);
    return program && createHash("sha256").update(readFileSync(program)).digest("hex");
  };
  return { sweep_sha256: hash("llama-sweep-bench"), batched_sha256: hash("llama-batched-bench"), options };
}

/** Runs one mode: the sweeps its depths need, then its batches. */
export async function measureIk(mode, job, run) {
  const sweeps = [];
  for (const sweep of sweepsOf(job)) {
    sweeps.push(parseSweep(await run(ikProgram(job.ik, "llama-sweep-bench"), [...common(mode, job), ...sweepArguments(sweep, job)], os.tmpdir())));
  }
  const batches = [];
  if (job.batch.length > 0) {
    const room = Math.max(...job.batch) * (Math.max(...job.batchDepths) + job.tokens);
    const text = await run(
      ikProgram(job.ik, "llama-batched-bench"),
      [...common(mode, job), "-c", `${room}`, "-npp", job.batchDepths.join(","), "-ntg", `${job.tokens}`, "-npl", job.batch.join(",")], os.tmpdir());
    batches.push(...parseBatches(text));
  }
  return join(sweeps, batches, job);
}

const common = (mode, { model, threads, ikOptions }) =>
  ["-m", model, "-t", `${threads}`, "-fa", "on", "-ctk", IK_MODES[mode].keys, "-ctv", IK_MODES[mode].values, ...ikOptions];

/**
 * A sweep stops at multiples of its prompt: first those that the prompt divides, all in one process; every other depth needs one of its own, whose prompt is as long as
 * the depth.
 */
export function sweepsOf({ depths, prefill, prefillDepths }) {
  const regular = [...new Set([0, ...depths, ...prefillDepths])].filter((depth) => depth % prefill === 0).sort((a, b) => a - b);
  const others = depths.filter((depth) => depth % prefill !== 0);
  const stride = regular.reduce((divisor, depth) => gcd(divisor, depth / prefill), 0) || 1;
  return [{ prompt: prefill, most: regular.at(-1), stride }, ...others.map((depth) => ({ prompt: depth, most: depth, stride: 1 }))];
}

const sweepArguments = ({ prompt, most, stride }, { tokens }) =>
  ["-c", `${most + Math.max(prompt, tokens)}`, "-ub", `${prompt}`, "-n", `${tokens}`, "--sweep-stride", `${stride}`, "--sweep-memory", "--warmup-batch", "--output-format", "jsonl"];

const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));

/** Rows of llama-sweep-bench, and the bytes of its cache for each token. */
export function parseSweep(text) {
  const rows = text.split("\n").map((line) => line.match(/\{"n_kv_max".*\}/)?.[0]).filter(Boolean).map((line) => JSON.parse(line));
  const size = text.match(/KV self size\s+=\s+([\d.]+) MiB/);
  if (rows.length === 0 || !size) {
    throw new Error("llama-sweep-bench printed no rows or no size of its cache: this harness fits the builds of 2026");
  }
  return { rows, bytesPerToken: (Number(size[1]) * MIB) / rows[0].n_kv_max };
}

/** Rows of llama-batched-bench: | PP | TG | B | N_KV | T_PP | S_PP | T_TG | S_TG | T | S |. */
export function parseBatches(text) {
  return [...text.matchAll(/^\|\s*(\d+) \|\s*(\d+) \|\s*(\d+) \|\s*\d+ \|\s*[\d.]+ \|\s*[\d.]+ \|\s*([\d.]+) \|.*$/gm)].map(([, depth, tokens, sessions, seconds]) => ({
    depth: Number(depth), sessions: Number(sessions), mean_ms: (1000 * Number(seconds)) / Number(tokens),
  }));
}

/** One form for all engines: what only the whole time of some steps is known of has mean_ms and no steps. */
export function join(sweeps, batches, { depths, prefill, prefillDepths, batch, batchDepths, threads, tokens }) {
  const rows = sweeps.flatMap(({ rows, bytesPerToken }) => rows.map((row) => ({ ...row, bytesPerToken })));
  const at = (depth, wanted, what) => rows.find((row) => row.n_kv === depth && wanted(row)) ?? fail(`llama-sweep-bench measured no ${what} at ${depth}`);
  if (rows.some((row) => row.n_threads !== threads || row.tg !== tokens)) {
    fail("llama-sweep-bench ran on other threads or decoded another number of tokens than it was asked to");
  }
  for (const [depth, size] of batchDepths.flatMap((depth) => batch.map((size) => [depth, size]))) {
    if (!batches.some((row) => row.depth === depth && row.sessions === size)) {
      fail(`llama-batched-bench measured no ${size} sequences at ${depth}`);
    }
  }
  return {
    prefills: [...new Set([0, ...prefillDepths])].map((depth) => ({ depth, tokens: prefill, with_logits_ms: 1000 * at(depth, (row) => row.pp === prefill, "prompt").t_pp })),
    decodes: depths.map((depth) => {
      const row = at(depth, () => true, "decoding");
      return { depth, mean_ms: (1000 * row.t_tg) / row.tg, kv_bytes: Math.round(row.bytesPerToken * depth) };
    }),
    batches,
    peak_rss_bytes: Math.max(...rows.map((row) => row.rss_hwm_mib)) * MIB,
  };
}

function fail(message) {
  throw new Error(message);
}
