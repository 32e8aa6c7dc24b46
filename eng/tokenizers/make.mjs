// node make.mjs MODEL.gguf OUTPUT: texts, tokenizer.json files and the ids that the reference gives, as JSON packed with brotli:
// {texts, tokenizers: [{name, tokenizer, texts (how many of them), ids: [[...]]}]}. A tokenizer of null is that of the model file.
import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import tokenizers from 'tokenizers';
import { alphabet, train } from './bpe.mjs';
import { vocabulary } from './gguf.mjs';
import { texts } from './texts.mjs';

const all = 5200;
const some = 700;
const merges = 700;

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
const llama3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const split = (pattern) => ({
  type: 'Sequence',
  pretokenizers: [{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }, { ...byteLevel, use_regex: false }],
});
const rules = {
  'gpt-2': byteLevel,
  smollm: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel] },
  'llama-bpe': split(llama3),
  qwen2: split(llama3.replace('{1,3}', '')),
};

const written = texts(all);
const learned = train(written.flatMap((text) => text.match(/ ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+/gu) ?? []), merges);
const vocab = Object.fromEntries([...alphabet, ...new Set(learned.map((merge) => merge.replace(' ', '')))].map((token, id) => [token, id]));
const added = (content, rule) => ({ content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...rule });
const markers = [added('<|endoftext|>'), added('<|im_end|>')];

// Added tokens that the model has not get the ids behind it, in their order.
function json(rule, model = {}, tokens = markers) {
  const own = model.vocab ?? vocab;
  let next = Object.keys(own).length;
  const numbered = tokens.map((token) => ({ id: own[token.content] ?? next++, ...token }));
  return {
    version: '1.0', truncation: null, padding: null, added_tokens: numbered, normalizer: null, pre_tokenizer: rules[rule], post_processor: null,
    decoder: { ...byteLevel, add_prefix_space: true },
    model: {
      type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false,
      ignore_merges: rule === 'llama-bpe', vocab, merges: learned, ...model,
    },
  };
}

// Without tokens of some bytes, and of what merges make of them.
function without(values, unknown) {
  const gone = values.map((value) => alphabet[value]);
  const kept = (token) => ![...token].some((character) => gone.includes(character));
  const tokens = [...Object.keys(vocab).filter(kept), ...(unknown ? ['<unk>'] : [])];
  return {
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges: learned.filter((merge) => kept(merge.replace(' ', ''))),
    unk_token: unknown ? '<unk>' : null,
  };
}

function lacking(values, unknown, fused) {
  return json('gpt-2', { ...without(values, unknown), fuse_unk: fused });
}

// A piece that is a token, but that no merge makes.
const whole = ['Ġthe', 'notes', '123', '!!!???...'].filter((token) => !(token in vocab));
const wholes = { vocab: { ...vocab, ...Object.fromEntries(whole.map((token, offset) => [token, Object.keys(vocab).length + offset])) } };
const lost = [0x65, 0x20, 0xe3, 0x00, 0x31];
const variants = [
  ...Object.keys(rules).map((rule) => [rule, json(rule), all]),
  ['smollm without begin, from the model file', null, all],
  ['gpt-2 that takes whole pieces', json('gpt-2', { ...wholes, ignore_merges: true }), some],
  ['llama-bpe that merges only', json('llama-bpe', { ...wholes, ignore_merges: false }), some],
  ['llama-bpe that takes whole pieces', json('llama-bpe', wholes), some],
  ['bytes without a token', lacking(lost, false, false), some],
  ['bytes without a token, unknown', lacking(lost, true, false), some],
  ['bytes without a token, unknown fused', lacking(lost, true, true), some],
  ['unknown token that is not needed', json('gpt-2', { unk_token: '<|endoftext|>', fuse_unk: true }), some],
  ...Object.entries({
    'added tokens that strip to the left': { lstrip: true },
    'added tokens that strip to the right': { rstrip: true },
    'added tokens that strip both': { lstrip: true, rstrip: true, special: false },
    'added tokens that stand alone': { single_word: true },
    'added tokens that are normalized': { normalized: true, special: false },
  }).map(([name, rule]) => [name, json('smollm', {}, [...markers, added('<tool>', rule), added('note', rule), added('im_end|>x', rule), added(' ', { ...rule, single_word: true })]), some]),
];

async function encode(tokenizer, count) {
  const reference = tokenizers.Tokenizer.fromString(JSON.stringify(tokenizer));
  const encodings = await reference.encodeBatch(written.slice(0, count), { addSpecialTokens: false });
  return encodings.map((encoding) => encoding.getIds());
}

const model = vocabulary(process.argv[2]);
const special = model.tokens.map((content, id) => ({ id, ...added(content) })).filter((token) => model.types[token.id] !== 1);
const ofModel = json('smollm', { vocab: Object.fromEntries(model.tokens.map((token, id) => [token, id])), merges: model.merges }, special);
const made = [];
for (const [name, tokenizer, count] of variants) {
  made.push({ name, tokenizer, texts: count, ids: await encode(tokenizer ?? ofModel, count) });
}

const packed = brotliCompressSync(JSON.stringify({ texts: written, tokenizers: made }), { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } });
writeFileSync(process.argv[3], packed);
console.log(`${written.length} texts, ${made.length} tokenizers, ${made.reduce((sum, one) => sum + one.ids.flat().length, 0)} ids: ${packed.length} bytes`);
