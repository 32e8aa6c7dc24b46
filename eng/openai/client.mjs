// Asks a server of akv as programs with OpenAI's own library do, and checks what comes back: node client.mjs ADDRESS KEY [chat]
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [address, apiKey, chat] = process.argv.slice(2);
const client = new OpenAI({ baseURL: new URL('v1', address).href, apiKey, maxRetries: 0 });
const prompt = 'ring library. Leo: lamp office. then lamp library. Mia: then ring office. Now ring';

const models = await client.models.list();
const model = models.data[0].id;
assert.equal((await client.models.retrieve(model)).id, model);

const plain = await client.completions.create({ model, prompt, max_tokens: 12, temperature: 0, logprobs: 3, echo: true });
const [choice] = plain.choices;
assert.ok(choice.text.startsWith(prompt));
assert.equal(choice.logprobs.tokens.join(''), choice.text);
assert.equal(choice.logprobs.token_logprobs[0], null);
assert.equal(choice.logprobs.token_logprobs.length, plain.usage.total_tokens);
assert.ok(choice.logprobs.token_logprobs.slice(1).every((value) => value <= 0));

let text = prompt;
let end;
for await (const part of await client.completions.create({ model, prompt, max_tokens: 12, temperature: 0, stream: true })) {
  text += part.choices[0].text;
  end = part.choices[0].finish_reason ?? end;
}
assert.equal(text, choice.text);
assert.equal(end, choice.finish_reason);

const several = await client.completions.create({ model, prompt: [prompt, 'Now lamp'], max_tokens: 4, n: 2, seed: 3 });
assert.deepEqual(several.choices.map((one) => one.index), [0, 1, 2, 3]);

await assert.rejects(client.completions.create({ model: 'other', prompt }), OpenAI.NotFoundError);
await assert.rejects(client.completions.create({ model, prompt, temperature: 9 }), (error) => error instanceof OpenAI.BadRequestError && error.param === 'temperature');
await assert.rejects(new OpenAI({ baseURL: client.baseURL, apiKey: 'wrong', maxRetries: 0 }).models.list(), OpenAI.AuthenticationError);

if (chat) {
  const messages = [{ role: 'system', content: 'Answer with one word.' }, { role: 'user', content: 'What is the capital of France?' }];
  const whole = await client.chat.completions.create({ model, messages, max_completion_tokens: 8, temperature: 0, logprobs: true, top_logprobs: 2 });
  const said = whole.choices[0].message;
  assert.equal(said.role, 'assistant');
  assert.match(said.content, /Paris/);
  const { content } = whole.choices[0].logprobs;
  assert.equal(Buffer.concat(content.map((token) => Buffer.from(token.bytes))).toString(), said.content);
  assert.ok(content.every((token) => token.top_logprobs.length === 2 && token.logprob <= 0));

  let streamed = '';
  let usage;
  for await (const part of await client.chat.completions.create({ model, messages, max_completion_tokens: 8, temperature: 0, stream: true, stream_options: { include_usage: true } })) {
    streamed += part.choices[0]?.delta.content ?? '';
    usage = part.usage ?? usage;
  }
  assert.equal(streamed, said.content);
  assert.equal(usage.prompt_tokens, whole.usage.prompt_tokens);
  assert.ok(usage.prompt_tokens_details.cached_tokens > 0);

  const { content: again } = (await client.chat.completions.create({
    model, messages: [...messages, said, { role: 'user', content: 'And of Italy?' }], max_completion_tokens: 8, temperature: 0,
  })).choices[0].message;
  assert.match(again, /Rome/);
}

console.log('all as expected');
