import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Outcome } from 'ccc-upcast';
import { createIdTable, createShapeTree, createTranslator, isBad, loadMapping, outputText, parseIdTable, readRecords } from 'ccc-upcast';

const ids = createIdTable(parseIdTable(await readFile('examples/ids.csv', 'utf8'), 'ids.csv'));
const translator = createTranslator({ mapping: await loadMapping('ccc-2.0'), ids });
const write = (outcomes: readonly Outcome[]) => {
  for (const { outputs } of outcomes) for (const output of outputs) process.stdout.write(outputText(output));
};

const options = { source: 0, maxLine: 1 << 20, dupKeys: 'refuse', shapes: createShapeTree() } as const;
for await (const { items } of readRecords(createReadStream('examples/legacy.ndjson'), options)) {
  for (const item of items) {
    if (isBad(item)) process.stderr.write(`line ${item.line}: ${item.message}\n`);
    else write(translator.push(item));
  }
}
write(translator.finish());
