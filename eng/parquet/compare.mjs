// Usage: akv data to-csv TABLE | node compare.mjs TABLE
// Reads TABLE, a Parquet file or a published folder of segments, with hyparquet and compares each value with akv's own, which comes as CSV on
// standard input. Exit 1 if one differs.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

const path = process.argv[2];
if (!path) {
  console.error('usage: akv data to-csv TABLE | node compare.mjs TABLE');
  process.exit(2);
}

const files = statSync(path).isDirectory()
  ? JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')).files.map((segment) => join(path, segment.path))
  : [path];

const expected = records();
const header = (await expected.next()).value;
let count = 0;
let lists = 0;
let groups = 0;
const codecs = new Set();
for (const name of files) {
  const file = await asyncBufferFromFile(name);
  const metadata = await parquetMetadataAsync(file);
  const columns = topLevel(metadata.schema);
  if (columns.map((column) => column.name).join() !== header.join()) {
    fail(`${name}: columns ${columns.map((column) => column.name).join()} instead of ${header.join()}`);
  }

  for await (const row of rows(file, metadata)) {
    const { value: wanted, done } = await expected.next();
    if (done) {
      fail(`${name}: more than ${count} rows`);
    }

    columns.forEach((column, index) => {
      const found = row[column.name];
      if (!same(found, wanted[index], column.type)) {
        fail(`${name}: row ${count}, column ${column.name}: ${found} instead of ${wanted[index]}`);
      }

      lists += Array.isArray(found) ? 1 : 0;
    });
    count += 1;
  }

  groups += metadata.row_groups.length;
  metadata.row_groups.forEach((group) => group.columns.forEach((column) => codecs.add(column.meta_data.codec)));
}

if (!(await expected.next()).done) {
  fail(`${path}: only ${count} rows`);
}

console.log(`${path}: ${count} rows, ${count * header.length} values of ${header.length} columns are the same, ${lists} of them lists; `
  + `${files.length} files, ${groups} row groups, ${[...codecs].join()}`);

function fail(message) {
  console.error(message);
  process.exit(1);
}

// The schema is a tree in depth-first order below its root; a list's type is that of its only leaf.
function topLevel(schema) {
  const columns = [];
  for (let at = 1; at < schema.length; at = after(schema, at)) {
    columns.push({ name: schema[at].name, type: schema[after(schema, at) - 1].type });
  }
  return columns;
}

function after(schema, at) {
  let next = at + 1;
  for (let child = 0; child < (schema[at].num_children ?? 0); child += 1) {
    next = after(schema, next);
  }
  return next;
}

// A reader of one group at a time: neither side holds the whole table.
async function* rows(file, metadata) {
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    let part;
    await parquetRead({ file, metadata, compressors, rowStart: start, rowEnd: end, rowFormat: 'object', onComplete: (read) => { part = read; } });
    yield* part;
    start = end;
  }
}

async function* lines() {
  let rest = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop();
    yield* parts;
  }
}

// RFC 4180; a record ends at a line break outside of quotes.
async function* records() {
  let text = null;
  for await (const line of lines()) {
    text = text === null ? line : `${text}\n${line}`;
    if ((text.split('"').length - 1) % 2 === 0) {
      yield fields(text);
      text = null;
    }
  }
}

// Nothing between commas is a missing value, "" an empty text.
function fields(record) {
  const found = [];
  for (let at = 0; at <= record.length;) {
    if (record[at] === '"') {
      let end = at + 1;
      while (record[end] !== '"' || record[end + 1] === '"') {
        end += record[end] === '"' ? 2 : 1;
      }
      found.push(record.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 2;
    } else {
      const end = record.indexOf(',', at) < 0 ? record.length : record.indexOf(',', at);
      found.push(end === at ? null : record.slice(at, end));
      at = end + 1;
    }
  }
  return found;
}

function same(value, text, type) {
  if (value === null || value === undefined || text === null) return (value ?? null) === text;
  if (Array.isArray(value)) {
    const elements = text === '[]' ? [] : text.slice(1, -1).split(',');
    return value.length === elements.length && value.every((element, index) => same(element, elements[index], type));
  }
  if (typeof value !== 'number') return String(value) === text;
  const number = type === 'FLOAT' ? Math.fround(Number(text)) : Number(text);
  return Object.is(number, value) || number === value;
}
