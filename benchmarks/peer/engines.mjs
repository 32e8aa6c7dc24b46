// Starts one process of either engine and brings what it measured into one form:
//   {config, load, seconds, prefill: {tokens, ms, first_token_ms}, prefills: [{depth, tokens, ms, with_logits_ms}], decodes: [{depth, ms, kv_bytes, step_ms, next}],
//    batches: [{depth, sessions, ms, step_ms}], peak_rss_bytes}
// An engine of which only the whole time of some steps is known has mean_ms in the place of ms and step_ms.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { measureIk } from "./ik.mjs";
import { MODES } from "./modes.mjs";
import { median } from "./statistics.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "..", "..");
const sharp = path.join(here, "sharp.cs");
const execute = promisify(execFile);

/** Builds akv and pins the built copy: a later build does not change a comparison that runs. */
export function buildAkv() {
  execFileSync(path.join(root, "akv"), ["bench", "--help"], { stdio: ["ignore", "ignore", "inherit"] });
  const [, dotnet, name] = readFileSync(path.join(root, ".build", "akv", "current"), "utf8").split("\n");
  const folder = path.join(root, ".build", "akv", name);
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).filter((name) => /^(akv|AdaptiveKv\..*)\.dll$/.test(name)).sort()) {
    hash.update(readFileSync(path.join(folder, name)));
  }
  return { dotnet, program: path.join(folder, "akv.dll"), build: hash.digest("hex") };
}

/** Versions of the peer, and token ids of a text where one is given. */
export const describePeer = async (model, text, count) => start(process.execPath, [path.join(here, "llama.mjs"), JSON.stringify({ task: "describe", model, text, count })]);

/** Builds the program that runs LLamaSharp, which NuGet fetches (150 MB) at its first use, and says which version that is. */
export function buildSharp(dotnet) {
  execFileSync(dotnet, ["build", sharp, "-c", "Release", "-v", "q", "-nologo"], { stdio: ["ignore", process.stderr, "inherit"] });
  return { llamasharp: readFileSync(sharp, "utf8").match(/^#:package LLamaSharp@(.*)$/m)[1] };
}

/** KL of every prediction under one mode of the peer from another's. */
export const diverge = async (job) => start(process.execPath, [path.join(here, "llama.mjs"), JSON.stringify({ task: "diverge", ...job })], true);

/** Runs one configuration, "akv POLICY [ARITHMETIC]", "llama.cpp MODE", "LLamaSharp MODE" or "ik_llama.cpp MODE", in processes of its own. */
export async function measure(config, job) {
  const [engine, variant, arithmetic] = config.split(" ");
  const load = os.loadavg()[0];
  const begin = performance.now();
  const result = engine === "akv" ? await measureAkv(variant, arithmetic ?? "int8", job)
    : engine === "llama.cpp" ? await measurePeer([process.execPath, path.join(here, "llama.mjs")], variant, job)
    : engine === "LLamaSharp" ? await measurePeer([job.akv.dotnet, "run", "--no-build", "-c", "Release", "--file", sharp, "--"], variant, job)
    : await measureIk(variant, job, output);
  return { config, load: round(load, 2), seconds: round((performance.now() - begin) / 1000, 1), ...result };
}

async function measureAkv(policy, arithmetic, job) {
  const bench = (depths, more) => start(job.akv.dotnet, [
    job.akv.program, "bench", "--json", "--repeats", "1", "--policies", policy, "--arithmetic", arithmetic,
    "--model", job.model, "--ids", job.ids, "--depths", depths.join(","), "--prefill", `${job.prefill}`, "--tokens", `${job.tokens}`, "--threads", `${job.threads}`, ...job.code, ...more,
  ]);
  const after = job.prefillDepths.filter((depth) => depth > 0);
  const report = await bench(job.depths, after.length > 0 ? ["--prefill-depths", after.join(",")] : []);
  const { batches } = job.batch.length > 0 ? await bench(job.batchDepths, ["--batch", job.batch.join(",")]) : { batches: [] };
  const [prefill] = report.prefills;
  return {
    akv: { version: report.run.version, model_sha256: report.run.model_sha256, ids_sha256: report.run.data_sha256, code: report.run.code, machine: report.run.machine },
    prefill: { tokens: prefill.tokens, ms: prefill.prefill_ms, first_token_ms: prefill.first_token_ms },
    prefills: report.prefills.map((one) => ({ depth: one.depth, tokens: one.tokens, ms: one.prefill_ms, with_logits_ms: one.prefill_ms + one.logits_ms })),
    decodes: report.decodes.map((decode) => ({
      depth: decode.depth, ms: decode.ms_per_token, kv_bytes: decode.kv_bytes, bits: decode.effective_bits, step_ms: decode.step_ms, next: decode.likeliest_next,
    })),
    batches: batches.map((batch) => ({ depth: batch.depth, sessions: batch.sessions, ms: median(batch.step_ms), step_ms: batch.step_ms })),
    peak_rss_bytes: report.peak_rss_bytes,
  };
}

async function measurePeer([program, ...words], mode, job) {
  const { model, ids, depths, tokens, prefill, prefillDepths, batch, batchDepths, threads } = job;
  const task = { task: "measure", mode, ...MODES[mode], model, ids, depths, tokens, prefill, prefillDepths, batch, batchDepths, threads };
  const report = await start(program, [...words, JSON.stringify(task)]);
  if (report.threads !== threads) {
    throw new Error(`${words.includes(sharp) ? "LLamaSharp" : "llama.cpp"} ran on ${report.threads} threads instead of ${threads}`);
  }
  return report;
}

const start = async (program, parameters, shown = false) => JSON.parse((await run(program, parameters, shown)).stdout);

/** All that a program of another project prints, whichever way it does. */
async function output(program, parameters, folder) {
  const { stdout, stderr } = await run(program, parameters, false, folder);
  return `${stdout}\n${stderr}`;
}

async function run(program, parameters, shown, folder) {
  try {
    const running = execute(program, parameters, { maxBuffer: 1 << 28, cwd: folder });
    if (shown) {
      running.child.stderr.pipe(process.stderr);
    }
    return await running;
  } catch (error) {
    throw new Error(`${path.basename(program)} ${path.basename(parameters[0])} failed: ${(error.stderr || error.message).trim().slice(-2000)}`);
  }
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
