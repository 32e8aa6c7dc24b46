// The comparison: rounds of processes, each round in the reverse order of the one before (A B B A), appended to a JSON lines file as they
// end. Stopped and started again it goes on where it was; the last line of a killed run is at worst torn and then not counted.
import { createHash } from "node:crypto";
import { appendFileSync, createReadStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { buildAkv, buildSharp, describePeer, measure } from "./engines.mjs";
import { describeIk, ikProgram } from "./ik.mjs";
import { IK_MODES, MODES } from "./modes.mjs";
import { akvConfigs, peerConfigs, summarize } from "./report.mjs";
import { random } from "./statistics.mjs";
import { markdown } from "./tables.mjs";

const USAGE = `benchmarks/peer/run --model FILE.gguf [options]
  --pairs N       rounds in all, each one pair of every akv policy with every peer mode (10; fewer than 10 are no claim)
  --floor N       A/A pairs of each engine with itself, run first (5)
  --policies LIST (static-16,static-8,static-4,static-2)    --modes LIST (f16,f16-fa,q8_0,q4_0)
                  either list of modes may be 'none'
  --sharp-modes LIST  also LLamaSharp, in modes of llama.cpp (none)
  --depths LIST   (128,1024,4096,8192)    --tokens N (32)    --prefill N (512)    --threads N (all cores)
  --prefill-depths LIST   also read a prompt after so many cached tokens, such as 0,1024,4096
  --batch LIST    also decode so many sequences together, such as 1,4,8    --batch-depths LIST (128)
  --arithmetics LIST      how akv computes matrix products: int8, int8-single (int8)
  --ik FOLDER     also ik_llama.cpp, whose llama-sweep-bench (and for --batch llama-batched-bench) were built there
  --ik-modes LIST (f16,q8_0)    --ik-options WORDS   given to its programs as they are, such as "-rtr"
  --code, --transform, --range, --group, --sinks, --recent, --controller   as for akv bench: how akv codes its tokens
  --text FILE     read this text, as the peer tokenizes it    --ids FILE.json  or these ids; random ids if neither is given
  --name NAME     of the files in benchmarks/results (peer-MODEL-THREADSt)
  --report        only write the tables of what was measured`;

// Options that are handed to akv bench as they are.
const CODE_OPTIONS = ["code", "transform", "range", "group", "sinks", "recent", "controller"];

const results = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "results");

try {
  await main(options());
} catch (error) {
  process.stderr.write(`error: ${error.message}\n`);
  process.exit(error.code?.startsWith?.("ERR_PARSE_ARGS") || error instanceof RangeError ? 2 : 1);
}

async function main(chosen) {
  const files = name(chosen);
  mkdirSync(results, { recursive: true });
  const record = load(files.record);
  if (!chosen.report) {
    await run(chosen, files, record);
  }
  if (!record.setup || record.rounds.length === 0) {
    throw new Error(`${path.basename(files.record)} holds no finished round: run it without --report`);
  }
  const summary = summarize(record.setup, record.rounds);
  publish(files.json, JSON.stringify(summary, null, 1) + "\n");
  publish(files.markdown, markdown(summary));
  process.stdout.write(markdown(summary));
}

async function run(chosen, files, record) {
  const count = Math.max(chosen.depths.at(-1) + chosen.tokens, Math.max(0, ...chosen.prefillDepths) + chosen.prefill, Math.max(0, ...chosen.batchDepths) + chosen.tokens);
  say("building akv, looking at the peer ...");
  const akv = buildAkv();
  const peer = await describePeer(chosen.model, chosen.text, count);
  const ids = tokenIds(chosen, files, peer, count);
  const setup = await describe(chosen, akv, peer, ids);
  if (!record.setup) {
    append(files.record, { kind: "setup", setup });
    record.setup = setup;
  }
  const changed = Object.keys(setup).filter((key) => !isDeepStrictEqual(setup[key], record.setup[key]));
  if (changed.length > 0) {
    throw new Error(`${path.basename(files.record)} was measured with a different ${changed.join(", ")}: choose another --name, or delete the file to start anew`);
  }

  const job = { ...chosen, akv, ids: files.ids };
  for (const phase of plan(chosen)) {
    for (let round = record.rounds.filter((done) => done.phase === phase.name).length; round < phase.rounds; round++) {
      const runs = [];
      for (const config of round % 2 === 0 ? phase.configs : phase.configs.toReversed()) {
        const result = await measure(config, job);
        check(result, setup);
        runs.push(result);
        const times = result.decodes.map((decode) => `${decode.depth}: ${(decode.ms ?? decode.mean_ms).toFixed(2)}`).join(", ");
        const [prefill] = result.prefills;
        say(`${phase.name} ${round + 1}/${phase.rounds}  ${config}  ms per token at ${times}; prefill ${(prefill.ms ?? prefill.with_logits_ms).toFixed(0)} ms (${result.seconds} s, load ${result.load})`);
      }
      const line = { kind: "round", phase: phase.name, round, runs };
      append(files.record, line);
      record.rounds.push(line);
    }
  }
}

/** First every engine against itself, then all configurations, the engines taking turns. */
function plan(chosen) {
  const { floor, pairs } = chosen;
  const akv = akvConfigs(chosen);
  const peer = peerConfigs(chosen);
  const turns = Array.from({ length: Math.max(akv.length, peer.length) }, (_, i) => [akv[i], peer[i]]).flat().filter(Boolean);
  const first = [akv[0], ...["llama.cpp", "LLamaSharp", "ik_llama.cpp"].map((engine) => peer.find((config) => config.startsWith(`${engine} `))).filter(Boolean)];
  return [
    { name: "floor", rounds: floor, configs: first.flatMap((config) => [config, config]) },
    { name: "pair", rounds: pairs, configs: turns },
  ];
}

/** The ids are written once: every process of both engines reads this file. */
function tokenIds(chosen, files, peer, count) {
  let ids;
  if (chosen.ids) {
    ids = JSON.parse(readFileSync(chosen.ids, "utf8"));
  } else if (chosen.text) {
    ids = peer.ids;
  } else {
    const next = random(42);
    ids = Array.from({ length: count }, () => Math.floor(next() * peer.vocabulary));
  }
  if (!Array.isArray(ids) || ids.length < count) {
    throw new Error(`${path.basename(chosen.ids ?? chosen.text)}: ${ids?.length ?? "no"} token ids: ${count} are needed for the greatest depth`);
  }
  publish(files.ids, JSON.stringify(ids) + "\n");
  const source = path.basename(chosen.ids ?? chosen.text ?? "random ids (seed 42)");
  return { source, count: ids.length, sha256: createHash("sha256").update(Buffer.from(Int32Array.from(ids).buffer)).digest("hex") };
}

/** What must not change between two rounds of one comparison. */
async function describe(chosen, akv, peer, ids) {
  const { depths, tokens, prefill, threads, policies, modes, arithmetics, prefillDepths, batch, batchDepths, sharpModes, ikModes, ik, ikOptions } = chosen;
  // A setting that was not asked for is left out, as in records from before there was any.
  const settings = {
    depths, tokens, prefill, threads, policies, modes,
    ...(arithmetics.join() === "int8" ? {} : { arithmetics }),
    ...(prefillDepths.length > 0 ? { prefillDepths } : {}),
    ...(batch.length > 0 ? { batch, batchDepths } : {}),
    ...(sharpModes.length > 0 ? { sharpModes } : {}),
    ...(ik ? { ikModes } : {}),
  };
  return {
    model: { name: path.basename(chosen.model), sha256: await fileHash(chosen.model) },
    ids,
    settings,
    akv: { build: akv.build, code: chosen.code.map((word) => path.basename(word)) },
    peer: { node_llama_cpp: peer.node_llama_cpp, llama_cpp: peer.llama_cpp, build: peer.build, system_info: peer.system_info },
    ...(sharpModes.length > 0 ? { sharp: buildSharp(akv.dotnet) } : {}),
    ...(ik ? { ik: describeIk(ik, ikOptions) } : {}),
    machine: { cpu: os.cpus()[0].model.trim(), cores: os.availableParallelism(), os: `${os.type()} ${os.release()}`, node: process.version },
  };
}

function check(result, setup) {
  if (result.akv && (result.akv.model_sha256 !== setup.model.sha256 || result.akv.ids_sha256 !== setup.ids.sha256)) {
    throw new Error("akv read another model or other ids than the peer");
  }
}

function load(file) {
  const record = { setup: null, rounds: [] };
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const torn = lines.pop();
  if (torn) {
    say(`${path.basename(file)}: the last line is torn and not counted`);
    writeFileSync(file, lines.map((line) => line + "\n").join(""));
  }
  for (const line of lines.map((text) => JSON.parse(text))) {
    if (line.kind === "setup") {
      record.setup = line.setup;
    } else {
      record.rounds.push(line);
    }
  }
  return record;
}

function options() {
  const { values } = parseArgs({
    options: {
      model: { type: "string" }, text: { type: "string" }, ids: { type: "string" }, name: { type: "string" },
      pairs: { type: "string", default: "10" }, floor: { type: "string", default: "5" }, threads: { type: "string", default: `${os.availableParallelism()}` },
      policies: { type: "string", default: "static-16,static-8,static-4,static-2" }, modes: { type: "string", default: "f16,f16-fa,q8_0,q4_0" },
      arithmetics: { type: "string", default: "int8" }, ik: { type: "string" }, "sharp-modes": { type: "string", default: "none" }, "ik-modes": { type: "string", default: "f16,q8_0" }, "ik-options": { type: "string", default: "" },
      "prefill-depths": { type: "string", default: "0" }, batch: { type: "string", default: "none" }, "batch-depths": { type: "string", default: "128" },
      depths: { type: "string", default: "128,1024,4096,8192" }, tokens: { type: "string", default: "32" }, prefill: { type: "string", default: "512" },
      ...Object.fromEntries(CODE_OPTIONS.map((option) => [option, { type: "string" }])),
      report: { type: "boolean", default: false }, help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE + "\n");
    process.exit(0);
  }
  if (!values.model) {
    throw new RangeError(`--model is missing\n${USAGE}`);
  }
  for (const file of [values.model, values.text, values.ids, values.transform, values.controller, values.ik].filter(Boolean)) {
    if (!existsSync(file)) {
      throw new Error(`${file}: no such file`);
    }
  }
  const list = (text) => (text === "none" ? [] : text.split(",").map((word) => word.trim()));
  const numbers = (option, least) => list(values[option]).map((text) => number(`--${option}`, text, least)).sort((a, b) => a - b);
  const known = (option, words) => list(values[option]).map((word) => words.includes(word) ? word : refuse(`--${option}: unknown '${word}': expected ${words.join(", ")}`));
  const [prefill, prefillDepths, batch] = [number("--prefill", values.prefill, 1), numbers("prefill-depths", 0).filter((depth) => depth > 0), numbers("batch", 1)];
  const [modes, sharpModes, ikModes] = [known("modes", Object.keys(MODES)), known("sharp-modes", Object.keys(MODES)), values.ik ? known("ik-modes", Object.keys(IK_MODES)) : []];
  if (modes.length + sharpModes.length + ikModes.length === 0) {
    refuse("--modes none: there is nothing to compare with: give modes, --sharp-modes or --ik FOLDER");
  }
  const wanted = values.ik ? ["llama-sweep-bench", ...(batch.length > 0 ? ["llama-batched-bench"] : [])] : [];
  const missing = wanted.find((program) => ikProgram(values.ik, program) === null);
  if (missing !== undefined) {
    throw new Error(`${values.ik}: no ${missing} there or in bin below it: build it (cmake --build FOLDER --target ${missing})`);
  }
  const uneven = values.ik && prefillDepths.find((depth) => depth % prefill !== 0);
  if (uneven) {
    refuse(`--prefill-depths ${uneven}: llama-sweep-bench reads prompts at multiples of --prefill ${prefill} only`);
  }
  return {
    ...values,
    model: path.resolve(values.model),
    code: CODE_OPTIONS.filter((option) => values[option] !== undefined).flatMap((option) => [`--${option}`, values[option]]),
    pairs: number("--pairs", values.pairs, 0), floor: number("--floor", values.floor, 0), threads: number("--threads", values.threads, 1),
    tokens: number("--tokens", values.tokens, 1), prefill, prefillDepths, batch, batchDepths: batch.length > 0 ? numbers("batch-depths", 1) : [],
    depths: numbers("depths", 1), policies: list(values.policies), arithmetics: known("arithmetics", ["int8", "int8-single", "float"]), modes, sharpModes, ikModes,
    ik: values.ik && path.resolve(values.ik), ikOptions: values["ik-options"].split(" ").filter(Boolean),
  };
}

function refuse(message) {
  throw new RangeError(message);
}

function number(option, text, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${option} '${text}': expected a whole number of at least ${least}`);
  }
  return value;
}

function name({ name: given, model, threads }) {
  const stem = path.join(results, given ?? `peer-${path.basename(model, ".gguf")}-${threads}t`);
  return { record: `${stem}.jsonl`, ids: `${stem}.ids.json`, json: `${stem}.json`, markdown: `${stem}.md` };
}

async function fileHash(file) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk);
  }
  return hash.digest("hex");
}

function append(file, line) {
  appendFileSync(file, JSON.stringify(line) + "\n", { flush: true });
}

function publish(file, text) {
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
}

function say(line) {
  process.stderr.write(line + "\n");
}
