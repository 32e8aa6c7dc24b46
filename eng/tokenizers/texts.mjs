// Texts that tokenizers cut differently if anything is wrong: every Unicode category, combining marks, runs of digits, contractions, white
// space, emoji, scripts without spaces, code. The same for every run.

/** A stream of 32-bit numbers (xorshift32), the same on every machine. */
export function random(seed) {
  let state = seed;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return { below: (n) => next() % n, of: (list) => list[next() % list.length] };
}

const categories = ['Lu', 'Ll', 'Lt', 'Lm', 'Lo', 'Mn', 'Mc', 'Me', 'Nd', 'Nl', 'No', 'Pc', 'Pd', 'Ps', 'Pe', 'Pi', 'Pf', 'Po', 'Sm', 'Sc', 'Sk', 'So', 'Zs', 'Cc', 'Cf', 'Co', 'Cn'];
const spaces = ['\t', '\n', '\v', '\f', '\r', ' ', '\u0085', '\u00a0', '\u1680', '\u2000', '\u2003', '\u2009', '\u2028', '\u2029', '\u202f', '\u205f', '\u3000'];
const words = ('the of and to in is that was for it with as his on be at by had not are but from or have an they which one were you all her she there would their we him been has when who will no more if out so ' +
  'said what up its about into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many before must through back years where').split(' ');
const scripts = [
  'Zażółć gęślą jaźń', 'Größe straße ſchöne', 'naïve café résumé', 'İstanbul ışık', 'Ελληνικά ὀδός', 'Русский текст ёлка', 'עברית שָׁלוֹם', 'العربية ١٢٣ نصٌّ', 'हिन्दी नमस्ते १२३', 'ไทยภาษา ก็', '中文字符测试', '日本語のテキスト、カタカナ',
  '한국어 문장', 'ქართული', 'አማርኛ', 'ខ្មែរ', '𝒜𝓁𝓅𝒽𝒶 𝟘𝟙𝟚', '𐐷𐑊', 'Ａｂｃ１２３', 'ǅ ǈ ǋ', 'ª º ʰ', '①②③ ⅣⅫ ½¾ x²³', '٣٤٥٦٧ ७८९०१ ３４５６７',
];
const emoji = ['😀', '👍🏽', '👩‍👩‍👧‍👦', '🇩🇪', '❤️', '✔', '☕️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1️⃣', '🧑🏿‍🚀'];
const contractions = ["'s", "'S", "'t", "'T", "'re", "'RE", "'rE", "'ve", "'Ve", "'m", "'M", "'ll", "'LL", "'lL", "'d", "'D", "'ſ", "'x", "''s", "’s", "'", "'l", "'r", "'v"];
const code = ['for (int i = 0; i < n; i++) {', '    return x->y[3];', '// TODO: fix #42', '<div class="a b">', 'https://example.org/a?b=1&c=%20', 'a_b__c', 'C:\\dir\\file.txt', '{"k": [1, 2.50, -3e10]}', '$$x^2 + y_1$$', '!!!???...', '======', '\t\tif x:\r\n\t\t\tpass\r\n', 'SELECT * FROM t;'];
const literals = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|im_end|', '|im_end|>', '<|', '<tool>', '<tool', 'note', 'notes', ' <tool> ', 'x<tool>y'];
const odd = ['\0', '\u0001', '\u0004', '\u0013', '\u001d', '\u007f', '\u0080', '\u009f', '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\ufffd', '\ufffe', '\u{10ffff}', '\ue000', '\u0301', '\u0300\u0316', '\u{e0100}', '\u{f1234}'];

const expressions = Object.fromEntries(categories.map((name) => [name, new RegExp(`^\\p{${name}}$`, 'u')]));
const points = Object.fromEntries(categories.map((name) => [name, []]));
for (let code = 0; code < 0x110000; code++) {
  const character = code >= 0xd800 && code < 0xe000 ? null : String.fromCodePoint(code);
  const name = character && categories.find((category) => expressions[category].test(character));
  if (name) {
    points[name].push(character);
  }
}

function digits(dice) {
  let text = '';
  for (let count = 1 + dice.below(12); count > 0; count--) {
    text += dice.below(8) === 0 ? dice.of(points.Nd) : String(dice.below(10));
  }

  return text;
}

const parts = [
  (dice) => dice.of(words),
  (dice) => ` ${dice.of(words)}`,
  (dice) => ` ${dice.of(words).toUpperCase()}`,
  (dice) => dice.of(words) + dice.of(contractions),
  (dice) => dice.of(contractions) + dice.of(words),
  (dice) => dice.of(spaces).repeat(1 + dice.below(4)),
  (dice) => dice.of(spaces) + dice.of(spaces),
  (dice) => ' '.repeat(1 + dice.below(9)),
  (dice) => dice.of(['\n', '\r\n', '\n\n', '\r', ' \n', '\n ', '\r\n\r\n  ']),
  digits,
  (dice) => ` ${digits(dice)}`,
  (dice) => dice.of(scripts),
  (dice) => dice.of(emoji),
  (dice) => dice.of(code),
  (dice) => dice.of(literals),
  (dice) => dice.of(odd),
  (dice) => dice.of(points[dice.of(categories)]),
  (dice) => dice.of(points[dice.of(categories)]) + dice.of(points.Mn),
  (dice) => dice.of(points.Lo) + dice.of(points.Mc) + dice.of(points.Nl),
  (dice) => dice.of(['.', ',', '!', '?', '-', '"', '(', ')', ':', '/', '_', '=', '+', '$', '^', '|', '~', '<', '>']).repeat(1 + dice.below(4)),
];

/** The texts. */
export function texts(count) {
  const dice = random(0x5eed);
  const made = new Set(['', ' ', '\n', ...scripts, ...emoji, ...contractions, ...code, ...literals, ...odd]);
  while (made.size < count) {
    let text = '';
    for (let left = 1 + dice.below(7); left > 0; left--) {
      text += dice.of(parts)(dice);
    }

    made.add(text);
  }

  return [...made];
}
