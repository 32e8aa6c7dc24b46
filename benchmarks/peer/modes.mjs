/** How the peer keeps its KV cache; llama.cpp quantizes values with flash attention only. */
export const MODES = {
  "f16": { type: "F16", flash: false },
  "f16-fa": { type: "F16", flash: true },
  "q8_0": { type: "Q8_0", flash: true },
  "q4_0": { type: "Q4_0", flash: true },
};

/** The same of ik_llama.cpp, always with flash attention: types of keys and values. */
export const IK_MODES = {
  "f16": { keys: "f16", values: "f16" },
  "q8_0": { keys: "q8_0", values: "q8_0" },
  "q8_KV": { keys: "q8_KV", values: "q8_0" }, // A type of keys alone.
  "q4_0": { keys: "q4_0", values: "q4_0" },
};
