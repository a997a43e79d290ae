import { EXIT, UpcastError } from '../errors.ts';
import { textOf } from '../event/record.ts';
import { createShapeTree } from '../event/shape.ts';
import { decompress } from '../parse/decompress.ts';
import { DEFAULT_MAX_LINE, isBad, readRecords } from '../parse/reader.ts';
import { expandInputs } from '../source/inputs.ts';

/** An id is the text of a SHA-256. */
export const ID: RegExp = /^[0-9a-f]{64}$/;

/** The ids that a provenance file of `convert` tells, line by line as in its output. Errors: `bad-provenance` (65), and those of reading it. */
export async function* readProvenance(path: string): AsyncGenerator<string> {
  for (const input of await expandInputs([path])) {
    const bytes = decompress(input.open(), { name: path, allowTruncated: false });
    const options = {
      source: 0,
      name: path,
      maxLine: DEFAULT_MAX_LINE,
      dupKeys: 'refuse',
      format: 'ndjson',
      shapes: createShapeTree(),
    } as const;
    for await (const { items } of readRecords(bytes, options)) {
      for (const item of items) {
        const field = isBad(item) ? -1 : item.shape.keys.indexOf('id');
        const id = isBad(item) || field < 0 ? undefined : textOf(item, field);
        if (id === undefined || !ID.test(id)) throw badProvenance(path, `line ${item.line} names no id`);
        yield id;
      }
    }
  }
}

/** The error for a provenance file that does not belong to the stream. */
export function badProvenance(path: string, what: string): UpcastError {
  return new UpcastError({
    code: 'bad-provenance',
    exit: EXIT.damaged,
    message: `the provenance file is not that of the stream: ${what}`,
    place: path,
    hint: 'name the file that convert wrote beside this output, or leave it out: ids then follow from the content',
  });
}
