// A small byte-level BPE vocabulary, trained on the spot: only the pre-tokenization differs between the rules, so one vocabulary serves all.

/** GPT-2's spelling of bytes as printable characters. */
export const alphabet = (() => {
  const printable = (value) => (value >= 33 && value <= 126) || (value >= 161 && value <= 172) || (value >= 174 && value <= 255);
  let next = 256;
  return Array.from({ length: 256 }, (_, value) => String.fromCharCode(printable(value) ? value : next++));
})();

/** Merges by frequency of neighbours, Sennrich et al. 2016; of equal ones the first in the order of strings. */
export function train(pieces, count) {
  const encoder = new TextEncoder();
  let words = [...new Set(pieces)].map((piece) => [...encoder.encode(piece)].map((value) => alphabet[value]));
  const merges = [];
  while (merges.length < count) {
    const counts = new Map();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = `${word[i]} ${word[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }

    const best = [...counts].reduce((a, b) => (b[1] > a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a));
    merges.push(best[0]);
    const [left, right] = best[0].split(' ');
    words = words.map((word) => {
      const joined = [];
      for (let i = 0; i < word.length; i++) {
        const together = word[i] === left && word[i + 1] === right;
        joined.push(together ? left + right : word[i]);
        i += together ? 1 : 0;
      }

      return joined;
    });
  }

  return merges;
}
