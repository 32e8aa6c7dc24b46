// The vocabulary of a GGUF file (gguf.md in the ggml repository), as far as a byte-level BPE tokenizer needs it.
import { readFileSync } from 'node:fs';

const sizes = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

/** Tokens, merges and token types. */
export function vocabulary(path) {
  const file = readFileSync(path);
  const values = {};
  let at = 8;
  const count = () => {
    at += 8;
    return Number(file.readBigUInt64LE(at - 8));
  };
  const text = () => {
    const length = count();
    at += length;
    return file.toString('utf8', at - length, at);
  };
  const number = () => {
    at += 4;
    return file.readUInt32LE(at - 4);
  };
  const value = (type) => {
    if (type === 8) {
      return text();
    }

    if (type === 9) {
      const element = number();
      const length = count();
      return Array.from({ length }, () => value(element));
    }

    at += sizes[type];
    return type === 5 ? file.readInt32LE(at - 4) : null;
  };
  count();
  for (let left = count(); left > 0; left--) {
    const key = text();
    values[key] = value(number());
  }

  return { tokens: values['tokenizer.ggml.tokens'], merges: values['tokenizer.ggml.merges'], types: values['tokenizer.ggml.token_type'] };
}
