/** How the peer keeps its KV cache; llama.cpp quantizes values with flash attention only. */
export const MODES = {
  "f16": { type: "F16", flash: false },
  "f16-fa": { type: "F16", flash: true },
  "q8_0": { type: "Q8_0", flash: true },
  "q4_0": { type: "Q4_0", flash: true },
};
