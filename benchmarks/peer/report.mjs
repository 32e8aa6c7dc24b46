// What the rounds say: the noise floor, absolute medians, ratios of pairs with their intervals, fitted slopes, agreement of the logits.
import { bootstrapMedian, lineFit, mean, median, quantile } from "./statistics.mjs";

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
    floor: floor.length === 0 ? [] : [...new Set(floor[0].runs.map((run) => run.config))].flatMap((config) => noise(config, floor, setup)),
    absolute: pairs.length === 0 ? [] : [...akvConfigs(setup.settings), ...peerConfigs(setup.settings)].map((config) => absolute(config, pairs, setup)),
    ratios: pairs.length === 0 ? [] : ratios(setup, pairs),
    agreement: pairs.length === 0 ? [] : agreement(setup, pairs[0]),
  };
}

/** Policies under each arithmetic; int8 is not named, as before there were others. */
export const akvConfigs = ({ policies, arithmetics = ["int8"] }) =>
  policies.flatMap((policy) => arithmetics.map((arithmetic) => (arithmetic === "int8" ? `akv ${policy}` : `akv ${policy} ${arithmetic}`)));

/** Modes of the other engines. */
export const peerConfigs = ({ modes, sharpModes = [], ikModes = [] }) =>
  [...modes.map((mode) => `llama.cpp ${mode}`), ...sharpModes.map((mode) => `LLamaSharp ${mode}`), ...ikModes.map((mode) => `ik_llama.cpp ${mode}`)];

/** What is timed, in the order of the tables, and how many tokens that is. Each finds in a run what it is about, undefined where the run has none. */
export function places({ depths, prefill: prompt, prefillDepths = [], batch = [], batchDepths = [] }) {
  return [
    ...depths.map((depth) => ({ what: `decode at ${depth}`, tokens: 1, find: (run) => run.decodes.find((decode) => decode.depth === depth) })),
    { what: "prefill", tokens: prompt, find: (run) => run.prefills?.find((prefill) => prefill.depth === 0) ?? run.prefill },
    ...prefillDepths.filter((depth) => depth > 0).map((depth) => ({ what: `prefill at ${depth}`, tokens: prompt, find: (run) => run.prefills.find((prefill) => prefill.depth === depth) })),
    { what: "first token", tokens: 1, find: (run) => run.prefill && { ms: run.prefill.first_token_ms } },
    ...batchDepths.flatMap((depth) => batch.map((sessions) => (
      { what: `${sessions} together at ${depth}`, tokens: sessions, sessions, find: (run) => run.batches.find((one) => one.depth === depth && one.sessions === sessions) }))),
  ];
}

const runOf = (round, config) => round.runs.find((run) => run.config === config);

/** Every way in which something was timed, the best first: the median of its steps, their mean, a prompt with the logits of its last token. */
const MEASURES = [(timed) => timed.ms, (timed) => timed.mean_ms ?? (timed.step_ms && mean(timed.step_ms)), (timed) => timed.with_logits_ms];

/** The time of something in two runs, by the first measure that both have; null where there is none. */
function both(one, other, { find }) {
  const [own, theirs] = [find(one), find(other)];
  const measure = own && theirs && MEASURES.find((measure) => measure(own) !== undefined && measure(theirs) !== undefined);
  return measure ? [measure(own), measure(theirs)] : null;
}

/** The time of something in a run; undefined where it was not timed. */
const timeIn = (run, { find }) => {
  const timed = find(run);
  return timed && MEASURES.map((measure) => measure(timed)).find((ms) => ms !== undefined);
};

/** The second process against the first, both doing the same: what the machine alone makes of a ratio. */
function noise(config, floor, setup) {
  const pairs = floor.map((round) => round.runs.filter((run) => run.config === config));
  return places(setup.settings).filter((place) => place.what !== "first token" && timeIn(pairs[0][0], place) !== undefined).map((place) => {
    const values = pairs.map(([first, second]) => timeIn(second, place) / timeIn(first, place));
    return { config, what: place.what, ...bootstrapMedian(values), least: Math.min(...values), most: Math.max(...values) };
  });
}

/** Medians over the processes of a configuration. */
function absolute(config, pairs, { settings }) {
  const runs = pairs.map((round) => runOf(round, config));
  const over = (value) => median(runs.map(value));
  const times = places(settings).filter((place) => timeIn(runs[0], place) !== undefined).map((place) => {
    const values = runs.map((run) => timeIn(run, place));
    return { what: place.what, ms: median(values), ms_p5: quantile(values, 0.05), ms_p95: quantile(values, 0.95), tokens_per_second: median(values.map((ms) => (1000 * place.tokens) / ms)) };
  });
  return {
    config,
    n: runs.length,
    times,
    decode: settings.depths.map((depth) => {
      const { ms, ms_p5, ms_p95 } = times.find(({ what }) => what === `decode at ${depth}`);
      return { depth, ms, ms_p5, ms_p95, tokens_per_second: 1000 / ms, kv_bytes: over((run) => run.decodes.find((decode) => decode.depth === depth).kv_bytes) };
    }),
    peak_rss_bytes: over((run) => run.peak_rss_bytes),
    fit: medianFit(runs, settings),
  };
}

/** a and c of ms = a + c * position, fitted per process; medians over the processes. */
function medianFit(runs, { tokens }) {
  const fits = runs.map((run) => lineFit(run.decodes.map((decode) => [decode.depth + (tokens + 1) / 2, decode.ms ?? decode.mean_ms])));
  return fits.includes(null) ? null : { a_ms: median(fits.map((fit) => fit.a)), c_ms_per_1000: 1000 * median(fits.map((fit) => fit.c)) };
}

/** Times of the other side / times of akv within a round: above 1 akv is faster. */
function ratios({ settings }, pairs) {
  const rows = [];
  const add = (policy, other, configs) => {
    for (const place of places(settings)) {
      const best = (round) => configs.map((config) => both(runOf(round, policy), runOf(round, config), place)).filter(Boolean).map(([own, theirs]) => theirs / own);
      if (best(pairs[0]).length > 0) {
        rows.push({ policy, other, what: place.what, ...bootstrapMedian(pairs.map((round) => Math.min(...best(round)))) });
      }
    }
  };
  const own = akvConfigs(settings);
  const peers = peerConfigs(settings);
  for (const policy of own) {
    for (const [group, name] of [[peers.filter((config) => /^llama.cpp f16/.test(config)), "llama.cpp f16, faster of both"], [peers.filter((config) => /^ik/.test(config)), "ik_llama.cpp, fastest mode"]]) {
      if (group.length > 1) {
        add(policy, name, group);
      }
    }
    peers.forEach((config) => add(policy, config, [config]));
  }
  const [reference, ...others] = own;
  others.forEach((policy) => add(policy, reference, [reference]));
  return rows;
}

/** Share of steps at which the likeliest next token is the peer's: both engines computed the same. An engine that reads its own ids has none. */
function agreement({ settings }, round) {
  const next = (config) => runOf(round, config).decodes.flatMap((decode) => decode.next ?? []);
  return akvConfigs(settings).flatMap((policy) => peerConfigs(settings).filter((config) => next(config).length > 0).map((config) => {
    const [own, other] = [next(policy), next(config)];
    return { policy, other: config, steps: own.length, same: own.filter((id, i) => id === other[i]).length };
  }));
}
