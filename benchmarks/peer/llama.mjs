// One process of the peer: llama.cpp by node-llama-cpp. Takes a job as JSON in its only argument, prints one JSON line.
//   {task: "describe", model, text?, count?}            -> versions; the first `count` token ids of the text
//   {task: "measure", model, ids, mode, depths, tokens, prefill, threads}  -> times of one mode
import { readFileSync } from "node:fs";
import { getLlama } from "node-llama-cpp";
import { MODES } from "./modes.mjs";
import { median } from "./statistics.mjs";

const BATCH = 512;
const WARM_UP_TOKENS = 128; // As many as akv bench.
const GREEDY = { generateNext: { token: true, options: { temperature: 0 } } };

const job = JSON.parse(process.argv[2]);
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, maxThreads: 0, logLevel: "error", logger: (_, text) => process.stderr.write(text) });
const model = await llama.loadModel({ modelPath: job.model, gpuLayers: 0 });
const result = job.task === "describe" ? describe() : await measure();
process.stdout.write(JSON.stringify(result) + "\n", () => process.exit(0));

function describe() {
  const version = JSON.parse(readFileSync(new URL("node_modules/node-llama-cpp/package.json", import.meta.url))).version;
  return {
    node_llama_cpp: version,
    llama_cpp: llama.llamaCppRelease.release,
    build: llama.buildType,
    system_info: llama.systemInfo.replaceAll(/\s+/g, " ").replace(/ \| $/, ""),
    vocabulary: model.fileInfo.metadata.tokenizer.ggml.tokens.length,
    // A token spans far less than 32 characters on average.
    ids: job.text ? model.tokenize(readFileSync(job.text, "utf8").slice(0, 32 * job.count), false).slice(0, job.count) : undefined,
  };
}

async function measure() {
  const mode = MODES[job.mode];
  const ids = JSON.parse(readFileSync(job.ids, "utf8"));
  const longest = Math.max(job.depths.at(-1) + job.tokens, job.prefill, WARM_UP_TOKENS);
  const context = await model.createContext({
    contextSize: longest + 2,
    batchSize: BATCH,
    threads: { ideal: job.threads, min: job.threads },
    flashAttention: mode.flash,
    experimentalKvCacheKeyType: mode.type,
    experimentalKvCacheValueType: mode.type,
  });
  const decoding = timeDecoding(context);
  const sequence = context.getSequence();

  // Without logits asked for, llama.cpp skips the output matrix: a prefill does not need it, a decoded token does.
  const read = async (tokens) => decoding(() => sequence.evaluateWithoutGeneratingNewTokens(tokens));
  const readWithLogits = async (tokens) => decoding(() => sequence.controlledEvaluate([...tokens.slice(0, -1), [tokens.at(-1), GREEDY]]));
  const forget = async (position) => sequence.eraseContextTokenRanges([{ start: position, end: sequence.nextTokenIndex }]);

  await read(ids.slice(0, job.prefill));
  await forget(0);
  for (let i = 0; i < WARM_UP_TOKENS; i++) {
    await readWithLogits([ids[i % ids.length]]);
  }
  await forget(0);

  const prefill = await read(ids.slice(0, job.prefill));
  await forget(0);
  const firstToken = await readWithLogits(ids.slice(0, job.prefill));
  await forget(0);

  const decodes = [];
  for (const depth of job.depths) {
    await read(ids.slice(sequence.nextTokenIndex, depth));
    const kvBytes = context.stateSize;
    const steps = [];
    for (let i = 0; i < job.tokens; i++) {
      steps.push(await readWithLogits([ids[depth + i]]));
    }
    decodes.push({
      depth,
      ms: median(steps.map((step) => step.ms)),
      ms_with_binding: median(steps.map((step) => step.wall)),
      kv_bytes: kvBytes,
      step_ms: steps.map((step) => step.ms),
      next: steps.map((step) => step.value[0].next.token),
    });
    await forget(depth);
  }
  return {
    threads: context.currentThreads,
    prefill: { tokens: job.prefill, ms: prefill.ms, first_token_ms: firstToken.ms },
    decodes,
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
  };
}

/**
 * Times llama_decode alone, neither sampling nor the binding's bookkeeping: the most favourable figure for the peer. The native context is
 * a private field of the binding, which is why its version is pinned.
 */
function timeDecoding(context) {
  let spent = 0;
  let calls = 0;
  context._ctx = new Proxy(context._ctx, {
    get(target, name) {
      if (name === "decodeBatch") {
        return async () => {
          const start = performance.now();
          await target.decodeBatch();
          spent += performance.now() - start;
          calls++;
        };
      }
      const member = target[name];
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  return async (work) => {
    spent = calls = 0;
    const start = performance.now();
    const value = await work();
    const wall = performance.now() - start;
    return calls > 0 ? { ms: spent, wall, value } : fail("the binding no longer calls decodeBatch: this harness fits node-llama-cpp 3.22");
  };
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
