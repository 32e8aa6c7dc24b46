// What the rounds say: the noise floor, absolute medians, ratios of pairs with their intervals, fitted slopes, agreement of the logits.
import { bootstrapMedian, lineFit, median, quantile } from "./statistics.mjs";

const CLAIM = 10;

/** Summary of a record: plain data, written as JSON. */
export function summarize(setup, rounds) {
  const pairs = rounds.filter((round) => round.phase === "pair");
  const floor = rounds.filter((round) => round.phase === "floor");
  const akv = rounds.flatMap((round) => round.runs).find((run) => run.akv)?.akv;
  const loads = rounds.flatMap((round) => round.runs).map((run) => run.load);
  return {
    setup,
    akv: akv && { version: akv.version, code: akv.code, machine: akv.machine },
    pairs: pairs.length,
    load: { least: Math.min(...loads), median: median(loads), most: Math.max(...loads) },
    floor: floor.length === 0 ? [] : [...new Set(floor[0].runs.map((run) => run.config))].flatMap((config) => noise(config, floor)),
    absolute: pairs.length === 0 ? [] : setupConfigs(setup).map((config) => absolute(config, pairs)),
    ratios: pairs.length === 0 ? [] : ratios(setup, pairs),
    agreement: pairs.length === 0 ? [] : agreement(setup, pairs[0]),
  };
}

const akvConfigs = (setup) => setup.settings.policies.map((policy) => `akv ${policy}`);
const peerConfigs = (setup) => setup.settings.modes.map((mode) => `llama.cpp ${mode}`);
const setupConfigs = (setup) => [...akvConfigs(setup), ...peerConfigs(setup)];
const runOf = (round, config) => round.runs.find((run) => run.config === config);
const msAt = (run, depth) => run.decodes.find((decode) => decode.depth === depth).ms;

/** The second process against the first, both doing the same: what the machine alone makes of a ratio. */
function noise(config, floor) {
  const places = floor[0].runs[0].decodes.map((decode) => [`decode at ${decode.depth}`, (run) => msAt(run, decode.depth)]);
  return [...places, ["prefill", (run) => run.prefill.ms]].map(([what, ms]) => {
    const values = floor.map((round) => round.runs.filter((run) => run.config === config)).map(([first, second]) => ms(second) / ms(first));
    return { config, what, ...bootstrapMedian(values), least: Math.min(...values), most: Math.max(...values) };
  });
}

/** Medians over the processes of a configuration. */
function absolute(config, pairs) {
  const runs = pairs.map((round) => runOf(round, config));
  const over = (value) => median(runs.map(value));
  const { tokens } = runs[0].prefill;
  return {
    config,
    n: runs.length,
    decode: runs[0].decodes.map(({ depth }) => {
      const values = runs.map((run) => msAt(run, depth));
      return {
        depth, ms: median(values), ms_p5: quantile(values, 0.05), ms_p95: quantile(values, 0.95), tokens_per_second: 1000 / median(values),
        kv_bytes: over((run) => run.decodes.find((decode) => decode.depth === depth).kv_bytes),
      };
    }),
    prefill_tokens_per_second: over((run) => (1000 * tokens) / run.prefill.ms),
    first_token_ms: over((run) => run.prefill.first_token_ms),
    peak_rss_bytes: over((run) => run.peak_rss_bytes),
    fit: medianFit(runs),
  };
}

/** a and c of ms = a + c * position, fitted per process; medians over the processes. */
function medianFit(runs) {
  const fits = runs.map((run) => lineFit(run.decodes.map((decode) => [decode.depth + (decode.step_ms.length + 1) / 2, decode.ms])));
  return fits.includes(null) ? null : { a_ms: median(fits.map((fit) => fit.a)), c_ms_per_1000: 1000 * median(fits.map((fit) => fit.c)) };
}

/** Times of the other side / times of akv within a round: above 1 akv is faster. */
function ratios(setup, pairs) {
  const rows = [];
  const add = (policy, other, configs) => {
    const best = (round, ms) => Math.min(...configs.map((config) => ms(runOf(round, config))));
    const of = (what, ms) => rows.push({ policy, other, what, ...bootstrapMedian(pairs.map((round) => best(round, ms) / ms(runOf(round, policy)))) });
    setup.settings.depths.forEach((depth) => of(`decode at ${depth}`, (run) => msAt(run, depth)));
    of("prefill", (run) => run.prefill.ms);
    of("first token", (run) => run.prefill.first_token_ms);
  };
  for (const policy of akvConfigs(setup)) {
    const f16 = peerConfigs(setup).filter((config) => /^llama.cpp f16/.test(config));
    if (f16.length > 1) {
      add(policy, "llama.cpp f16, faster of both", f16);
    }
    peerConfigs(setup).forEach((config) => add(policy, config, [config]));
  }
  const [reference, ...others] = akvConfigs(setup);
  others.forEach((policy) => add(policy, reference, [reference]));
  return rows;
}

/** Share of steps at which the likeliest next token is the peer's: both engines computed the same. */
function agreement(setup, round) {
  return akvConfigs(setup).flatMap((policy) => peerConfigs(setup).map((config) => {
    const [own, other] = [runOf(round, policy), runOf(round, config)].map((run) => run.decodes.flatMap((decode) => decode.next));
    return { policy, other: config, steps: own.length, same: own.filter((id, i) => id === other[i]).length };
  }));
}

/** The summary for people. */
export function markdown(summary) {
  const { setup } = summary;
  const { settings } = setup;
  const depths = settings.depths;
  const lines = [`# akv and llama.cpp on ${setup.model.name}, ${settings.threads} ${settings.threads === 1 ? "thread" : "threads"}`, ""];
  if (summary.pairs < CLAIM) {
    lines.push(`> **${summary.pairs} pairs: a claim needs ${CLAIM}.** These figures only show that the comparison runs.`, "");
  }
  if (summary.load.median > settings.threads + 1) {
    lines.push(`> **The machine was busy**: load average ${summary.load.median.toFixed(2)} before half of the processes, on ${setup.machine.cores} cores.`, "");
  }
  lines.push(...provenance(summary), "");
  if (summary.floor.length > 0) {
    lines.push("## Noise floor: each engine against itself", "", ...table(
      ["configuration", "what", "n", "median ratio", "95 % interval", "least", "most"],
      summary.floor.map((row) => [row.config, row.what, row.n, row.median.toFixed(3), interval(row, 3), row.least.toFixed(3), row.most.toFixed(3)])), "");
  }
  if (summary.pairs > 0) {
    lines.push("## Milliseconds per decoded token (median over processes, 5 % to 95 % of them)", "", ...table(
      ["configuration", ...depths.map((depth) => `at ${depth}`), "a ms", "c ms/1000 positions"],
      summary.absolute.map((row) => [
        row.config, ...row.decode.map((at) => `${at.ms.toFixed(2)} (${at.ms_p5.toFixed(2)}-${at.ms_p95.toFixed(2)})`), row.fit?.a_ms.toFixed(2) ?? "-", row.fit?.c_ms_per_1000.toFixed(3) ?? "-",
      ])), "");
    lines.push("## Tokens per second, prompt, memory", "", ...table(
      ["configuration", ...depths.map((depth) => `tokens/s at ${depth}`), `prefill of ${settings.prefill}, tokens/s`, "first token ms", ...depths.map((depth) => `KV MB at ${depth}`), "peak RSS MB"],
      summary.absolute.map((row) => [
        row.config, ...row.decode.map((at) => at.tokens_per_second.toFixed(1)), row.prefill_tokens_per_second.toFixed(1), row.first_token_ms.toFixed(0),
        ...row.decode.map((at) => (at.kv_bytes / 1e6).toFixed(2)), (row.peak_rss_bytes / 1e6).toFixed(0),
      ])), "");
    lines.push("## Times as fast: time of the other / time of the policy, median of pairs [95 % bootstrap interval]", "", ...table(
      ["policy", "against", ...depths.map((depth) => `decode at ${depth}`), "prefill", "first token"], ratioRows(summary)), "");
    lines.push("## The same likeliest next token", "", ...table(
      ["policy", "against", "steps", "same"], summary.agreement.map((row) => [row.policy, row.other, row.steps, `${((100 * row.same) / row.steps).toFixed(1)} %`])), "");
  }
  return lines.join("\n");
}

function ratioRows(summary) {
  const groups = new Map();
  for (const row of summary.ratios) {
    const key = `${row.policy}, ${row.other}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((rows) => [rows[0].policy, rows[0].other, ...rows.map((row) => `**${row.median.toFixed(2)}** ${interval(row, 2)}`)]);
}

function provenance(summary) {
  const { setup } = summary;
  const { settings, peer } = setup;
  return [
    `- ${summary.pairs} pairs; a pair is two processes of one round, the rounds alternate in order (A B B A); per process the median of ${settings.tokens} single steps after warm-up`,
    `- a step: akv decodes the token, logits included, and encodes it; llama.cpp runs llama_decode with logits for the token, without sampling and without the time of its binding`,
    `- prefill of ${settings.prefill} tokens without logits; first token: with the logits of the last one`,
    `- machine: ${setup.machine.cpu}, ${setup.machine.cores} cores, ${setup.machine.os}; load average before the processes ${summary.load.least} to ${summary.load.most}, median ${summary.load.median.toFixed(2)}`,
    `- akv ${summary.akv?.version ?? "?"} (build ${setup.akv.build.slice(0, 12)}), tokens coded as ${coding(summary.akv?.code)}; ${summary.akv?.machine.runtime ?? "?"}, ${summary.akv?.machine.instruction_sets ?? "?"}`,
    `- llama.cpp ${peer.llama_cpp}, ${peer.build}, by node-llama-cpp ${peer.node_llama_cpp} on Node.js ${setup.machine.node}; ${peer.system_info}`,
    `- model sha256 ${setup.model.sha256}`,
    `- ${setup.ids.count} token ids (${setup.ids.source}), sha256 ${setup.ids.sha256}`,
    `- KV MB: akv allocated, llama.cpp held (llama_state_get_size; it allocates for the whole context at once); peak RSS: of the whole process, Node.js or .NET included`,
  ];
}

const coding = (code) => (code ? `${code.code}, ${code.range} range, groups of ${code.group_size}${code.transform_sha256 ? `, transform sha256 ${code.transform_sha256}` : ""}, ${code.sinks} sinks, ${code.recent} recent` : "?");

const interval = (row, digits) => `[${row.low.toFixed(digits)}, ${row.high.toFixed(digits)}]`;

function table(headers, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(headers), `|${headers.map((_, i) => (i === 0 ? "---" : "---:")).join("|")}|`, ...rows.map(line)];
}
