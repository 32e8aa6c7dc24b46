// A summary for people, in Markdown.
import { places } from "./report.mjs";

const CLAIM = 10;

/** The whole document. */
export function markdown(summary) {
  const { setup } = summary;
  const { settings } = setup;
  const engines = ["akv", ...(settings.modes.length > 0 ? ["llama.cpp"] : []), ...(settings.sharpModes ? ["LLamaSharp"] : []), ...(settings.ikModes ? ["ik_llama.cpp"] : [])];
  const lines = [`# ${engines.slice(0, -1).join(", ")} and ${engines.at(-1)} on ${setup.model.name}, ${settings.threads} ${settings.threads === 1 ? "thread" : "threads"}`, ""];
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
    lines.push(...absolutes(summary), ...ratios(summary));
    lines.push("## The same likeliest next token", "", ...table(
      ["policy", "against", "steps", "same"], summary.agreement.map((row) => [row.policy, row.other, row.steps, `${((100 * row.same) / row.steps).toFixed(1)} %`])), "");
  }
  return lines.join("\n");
}

function absolutes({ absolute, setup: { settings } }) {
  const { depths } = settings;
  const others = places(settings).map(({ what }) => what).filter((what) => /^prefill|^first/.test(what));
  const together = places(settings).filter(({ sessions }) => sessions !== undefined);
  const ms = (row, what) => row.times.find((time) => time.what === what)?.ms.toFixed(0) ?? "-";
  const rate = (row, what) => row.times.find((time) => time.what === what)?.tokens_per_second.toFixed(1) ?? "-";
  return [
    "## Milliseconds per decoded token (median over processes, 5 % to 95 % of them)", "", ...table(
      ["configuration", ...depths.map((depth) => `at ${depth}`), "a ms", "c ms/1000 positions"],
      absolute.map((row) => [
        row.config, ...row.decode.map((at) => `${at.ms.toFixed(2)} (${at.ms_p5.toFixed(2)}-${at.ms_p95.toFixed(2)})`), row.fit?.a_ms.toFixed(2) ?? "-", row.fit?.c_ms_per_1000.toFixed(3) ?? "-",
      ])), "",
    "## Tokens per second, prompt, memory", "", ...table(
      [
        "configuration", ...depths.map((depth) => `tokens/s at ${depth}`), ...others.map((what) => (what === "first token" ? "first token ms" : what.replace("prefill", `prefill of ${settings.prefill}`) + ", tokens/s")),
        ...depths.map((depth) => `KV MB at ${depth}`), "peak RSS MB",
      ],
      absolute.map((row) => [
        row.config, ...row.decode.map((at) => at.tokens_per_second.toFixed(1)), ...others.map((what) => (what === "first token" ? ms(row, what) : rate(row, what))),
        ...row.decode.map((at) => (at.kv_bytes / 1e6).toFixed(2)), (row.peak_rss_bytes / 1e6).toFixed(0),
      ])), "",
    ...(together.length === 0 ? [] : ["## Sequences together: tokens per second of all", "", ...table(
      ["configuration", ...together.map(({ what }) => what)],
      absolute.map((row) => [row.config, ...together.map(({ what }) => rate(row, what))])), ""]),
  ];
}

function ratios({ ratios: rows, setup: { settings } }) {
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.policy}, ${row.other}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const part = (title, columns) => (columns.length === 0 ? [] : [title, "", ...table(
    ["policy", "against", ...columns],
    [...groups.values()].map((group) => [
      group[0].policy, group[0].other, ...columns.map((column) => {
        const row = group.find(({ what }) => what === column);
        return row ? `**${row.median.toFixed(2)}** ${interval(row, 2)}` : "-";
      }),
    ])), ""]);
  const all = places(settings);
  return [
    ...part("## Times as fast: time of the other / time of the policy, median of pairs [95 % bootstrap interval]", all.filter(({ sessions }) => sessions === undefined).map(({ what }) => what)),
    ...part("## Times as fast, sequences together", all.filter(({ sessions }) => sessions !== undefined).map(({ what }) => what)),
  ];
}

function provenance(summary) {
  const { setup } = summary;
  const { settings, peer, sharp, ik } = setup;
  return [
    `- ${summary.pairs} pairs; a pair is two processes of one round, the rounds alternate in order (A B B A); per process the median of ${settings.tokens} single steps after warm-up`,
    `- a step: akv decodes the token, logits included, and encodes it; llama.cpp runs llama_decode with logits for the token, without sampling and without the time of its binding`,
    `- prefill of ${settings.prefill} tokens without logits; first token: with the logits of the last one`,
    ...(settings.ikModes ? [
      `- ik_llama.cpp, flash attention on, options '${ik.options.join(" ")}': llama-sweep-bench (sha256 ${ik.sweep_sha256.slice(0, 12)}) draws its own ids and llama-batched-bench (sha256 ${ik.batched_sha256?.slice(0, 12) ?? "not built"}) `
        + `repeats one; both say only how long all steps took and read prompts with the logits of the last token, so against it means of steps and prompts with logits are compared on both sides`,
    ] : []),
    `- machine: ${setup.machine.cpu}, ${setup.machine.cores} cores, ${setup.machine.os}; load average before the processes ${summary.load.least} to ${summary.load.most}, median ${summary.load.median.toFixed(2)}`,
    `- akv ${summary.akv?.version ?? "?"} (build ${setup.akv.build.slice(0, 12)}), tokens coded as ${coding(summary.akv?.code)}; ${summary.akv?.machine.runtime ?? "?"}, ${summary.akv?.machine.instruction_sets ?? "?"}`,
    `- llama.cpp ${peer.llama_cpp}, ${peer.build}, by node-llama-cpp ${peer.node_llama_cpp} on Node.js ${setup.machine.node}; ${peer.system_info}`,
    ...(settings.sharpModes ? [`- LLamaSharp ${sharp.llamasharp} with the natives of its CPU package: a step is its Decode with logits for the token`] : []),
    `- model sha256 ${setup.model.sha256}`,
    `- ${setup.ids.count} token ids (${setup.ids.source}), sha256 ${setup.ids.sha256}`,
    `- KV MB: akv allocated, llama.cpp held (llama_state_get_size; it allocates for the whole context at once)${settings.ikModes ? ", ik_llama.cpp the share of its whole cache" : ""}; peak RSS: of the whole process, Node.js or .NET included`,
  ];
}

const coding = (code) => (code ? `${code.code}, ${code.range} range, groups of ${code.group_size}${code.transform_sha256 ? `, transform sha256 ${code.transform_sha256}` : ""}, ${code.sinks} sinks, ${code.recent} recent` : "?");

const interval = (row, digits) => `[${row.low.toFixed(digits)}, ${row.high.toFixed(digits)}]`;

function table(headers, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(headers), `|${headers.map((_, i) => (i === 0 ? "---" : "---:")).join("|")}|`, ...rows.map(line)];
}
