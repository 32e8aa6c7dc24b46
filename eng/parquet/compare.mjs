// Usage: akv data to-csv FILE | node compare.mjs FILE
// Reads FILE with hyparquet and compares each value with akv's own, which comes as CSV on standard input. Exit 1 if one differs.
import { createInterface } from 'node:readline';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

const path = process.argv[2];
if (!path) {
  console.error('usage: akv data to-csv FILE | node compare.mjs FILE');
  process.exit(2);
}

const file = await asyncBufferFromFile(path);
const metadata = await parquetMetadataAsync(file);
const columns = metadata.schema.filter((element) => !element.num_children && element.name !== 'element').map((element) => element.name);
const lists = new Set(metadata.schema.filter((element) => element.repetition_type === 'REPEATED').map((element) => element.name));
if (lists.size > 0) {
  console.error(`${path}: lists are not compared: take a file without them`);
  process.exit(2);
}

// A reader of one group at a time: neither side holds the whole table.
async function* rows() {
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    let part;
    await parquetRead({ file, metadata, compressors, rowStart: start, rowEnd: end, rowFormat: 'object', onComplete: (read) => { part = read; } });
    yield* part;
    start = end;
  }
}

// RFC 4180; a record ends at a line break outside of quotes.
async function* records() {
  let text = '';
  for await (const line of createInterface({ input: process.stdin })) {
    text = text === '' ? line : `${text}\n${line}`;
    if ((text.split('"').length - 1) % 2 === 0) {
      yield fields(text);
      text = '';
    }
  }
}

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
      found.push(record.slice(at, end));
      at = end + 1;
    }
  }
  return found;
}

function same(value, text) {
  if (value === null || value === undefined) return text === '';
  if (typeof value === 'number') return Number.isNaN(value) ? text.toLowerCase() === 'nan' : Math.fround(Number(text)) === Math.fround(value);
  return String(value) === text;
}

const expected = records();
const header = (await expected.next()).value;
if (header.join() !== columns.join()) {
  console.error(`${path}: columns ${columns.join()} instead of ${header.join()}`);
  process.exit(1);
}

let count = 0;
let values = 0;
for await (const row of rows()) {
  const { value: wanted, done } = await expected.next();
  const differing = done ? -1 : columns.findIndex((name, index) => !same(row[name], wanted[index]));
  if (done || differing >= 0) {
    console.error(done ? `${path}: more than ${count} rows` : `${path}: row ${count}, column ${columns[differing]}: ${row[columns[differing]]} instead of ${wanted[differing]}`);
    process.exit(1);
  }
  count += 1;
  values += columns.length;
}

if (!(await expected.next()).done) {
  console.error(`${path}: only ${count} rows`);
  process.exit(1);
}

const codecs = new Set(metadata.row_groups.flatMap((group) => group.columns.map((column) => column.meta_data.codec)));
console.log(`${path}: ${count} rows, ${values} values of ${columns.length} columns are the same; ${metadata.row_groups.length} row groups, ${[...codecs].join()}`);
