// The honest naive program: read, split, JSON.parse, JSON.stringify, write; one thread, no translation.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const [input, output] = process.argv.slice(2);
if (input === undefined || output === undefined) throw new Error('usage: node bench/baseline.mjs INPUT OUTPUT');
const from = openSync(input, 'r');
const to = openSync(output, 'w');
const chunk = Buffer.allocUnsafe(1 << 20);
const decoder = new StringDecoder('utf8');
let rest = '';
for (;;) {
  const length = readSync(from, chunk, 0, chunk.length, null);
  if (length === 0) break;
  const lines = (rest + decoder.write(chunk.subarray(0, length))).split('\n');
  rest = lines.pop() ?? '';
  let text = '';
  for (const line of lines) if (line !== '') text += `${JSON.stringify(JSON.parse(line))}\n`;
  writeSync(to, text);
}
if (rest !== '') writeSync(to, `${JSON.stringify(JSON.parse(rest))}\n`);
closeSync(from);
closeSync(to);
