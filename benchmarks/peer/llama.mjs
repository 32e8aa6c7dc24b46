// One process of the peer: llama.cpp by node-llama-cpp. Takes a job as JSON in its only argument, prints one JSON line.
//   {task: "describe", model, text?, count?}            -> versions; the first `count` token ids of the text
//   {task: "measure", model, ids, mode, depths, tokens, prefill, prefillDepths, batch, batchDepths, threads}  -> times of one mode
//   {task: "diverge", model, ids, mode, reference, window, threads}        -> KL of every prediction from another mode's, in nats
import { readFileSync } from "node:fs";
import { getLlama } from "node-llama-cpp";
import { MODES } from "./modes.mjs";
import { median } from "./statistics.mjs";

const BATCH = 512;
const DISTRIBUTIONS_AT_ONCE = 16;
const WARM_UP_TOKENS = 128; // As many as akv bench.
const GREEDY = { generateNext: { token: true, options: { temperature: 0 } } };

const job = JSON.parse(process.argv[2]);
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, maxThreads: 0, logLevel: "error", logger: (_, text) => process.stderr.write(text) });
const model = await llama.loadModel({ modelPath: job.model, gpuLayers: 0 });
const result = await { describe, measure, diverge }[job.task]();
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
  const longest = Math.max(job.depths.at(-1) + job.tokens, Math.max(0, ...job.prefillDepths) + job.prefill, WARM_UP_TOKENS);
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

  const prefills = [{ depth: 0, tokens: job.prefill, ms: (await read(ids.slice(0, job.prefill))).ms }];
  await forget(0);
  const firstToken = await readWithLogits(ids.slice(0, job.prefill));
  await forget(0);

  const decodes = [];
  for (const depth of [...new Set([...job.depths, ...job.prefillDepths])].filter((depth) => depth > 0).sort((a, b) => a - b)) {
    if (depth > sequence.nextTokenIndex) {
      await read(ids.slice(sequence.nextTokenIndex, depth));
    }
    if (job.prefillDepths.includes(depth)) {
      prefills.push({ depth, tokens: job.prefill, ms: (await read(ids.slice(depth, depth + job.prefill))).ms });
      await forget(depth);
    }
    if (!job.depths.includes(depth)) {
      continue;
    }
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
  const [currentThreads, peak] = [context.currentThreads, process.resourceUsage().maxRSS * 1024];
  await context.dispose();
  return {
    threads: currentThreads,
    prefill: { tokens: job.prefill, ms: prefills[0].ms, first_token_ms: firstToken.ms },
    prefills,
    decodes,
    batches: job.batch.length > 0 ? await together(mode, ids) : [],
    peak_rss_bytes: peak,
  };
}

/** Steps that sequences take together, each with a cache of its own: one llama_decode for all, checked call by call. */
async function together(mode, ids) {
  const most = job.batch.at(-1);
  const deepest = job.batchDepths.at(-1);
  const context = await model.createContext({
    sequences: most,
    contextSize: deepest + job.tokens + 2,
    batchSize: BATCH,
    threads: { ideal: job.threads, min: job.threads },
    flashAttention: mode.flash,
    experimentalKvCacheKeyType: mode.type,
    experimentalKvCacheValueType: mode.type,
  });
  const decoding = timeDecoding(context);
  const sequences = Array.from({ length: most }, () => context.getSequence());
  const batches = [];
  for (const depth of job.batchDepths) {
    for (const sequence of sequences) {
      await sequence.evaluateWithoutGeneratingNewTokens(ids.slice(sequence.nextTokenIndex, depth));
    }
    for (const size of job.batch) {
      const some = sequences.slice(0, size);
      const steps = [];
      for (let i = 0; i < job.tokens; i++) {
        const step = await decoding(() => Promise.all(some.map((sequence) => sequence.controlledEvaluate([[ids[depth + i], GREEDY]]))));
        if (step.calls !== 1) {
          fail(`the binding decoded ${size} sequences in ${step.calls} calls of llama_decode instead of one`);
        }
        steps.push(step.ms);
      }
      for (const sequence of some) {
        await sequence.eraseContextTokenRanges([{ start: depth, end: sequence.nextTokenIndex }]);
      }
      batches.push({ depth, sessions: size, ms: median(steps), step_ms: steps });
    }
  }
  await context.dispose();
  return batches;
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
    return calls > 0 ? { ms: spent, wall, calls, value } : fail("the binding no longer calls decodeBatch: this harness fits node-llama-cpp 3.22");
  };
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

async function diverge() {
  const ids = JSON.parse(readFileSync(job.ids, "utf8"));
  const sequences = [];
  for (const mode of [job.reference, job.mode]) {
    const context = await model.createContext({
      contextSize: job.window + 2,
      batchSize: BATCH,
      threads: { ideal: job.threads, min: job.threads },
      flashAttention: MODES[mode].flash,
      experimentalKvCacheKeyType: MODES[mode].type,
      experimentalKvCacheValueType: MODES[mode].type,
    });
    sequences.push(context.getSequence());
  }

  const kl = [];
  let agree = 0;
  for (let start = 0; start + job.window <= ids.length; start += job.window) {
    for (let at = start; at < start + job.window; at += DISTRIBUTIONS_AT_ONCE) {
      const tokens = ids.slice(at, Math.min(at + DISTRIBUTIONS_AT_ONCE, start + job.window));
      const [reference, other] = [await predictions(sequences[0], tokens), await predictions(sequences[1], tokens)];
      for (let i = 0; i < tokens.length; i++) {
        kl.push(divergence(reference[i], other[i]));
        agree += likeliest(reference[i]) === likeliest(other[i]) ? 1 : 0;
      }
    }
    for (const sequence of sequences) {
      await sequence.eraseContextTokenRanges([{ start: 0, end: sequence.nextTokenIndex }]);
    }
    process.stderr.write(`${job.mode}: ${start + job.window} of ${ids.length} tokens\n`);
  }
  return { kl, agree };
}

/** The probabilities of every token of the vocabulary, after each of the tokens. */
async function predictions(sequence, tokens) {
  const results = await sequence.controlledEvaluate(tokens.map((token) => [token, { generateNext: { probabilities: true, options: { temperature: 1, topK: 0, topP: 1, minP: 0 } } }]));
  return results.map((result) => result.next.probabilities);
}

function divergence(p, q) {
  let sum = 0;
  for (const [token, probability] of p) {
    // What single precision cannot tell from nothing adds nothing.
    if (probability > 0) {
      sum += probability * Math.log(probability / Math.max(q.get(token), Number.MIN_VALUE));
    }
  }
  return sum;
}

function likeliest(distribution) {
  let best, most = -1;
  for (const [token, probability] of distribution) {
    if (probability > most) {
      [best, most] = [token, probability];
    }
  }
  return best;
}
