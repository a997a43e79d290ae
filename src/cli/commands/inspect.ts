import type { ExitCode } from '../../errors.ts';
import { EXIT } from '../../errors.ts';
import { createZone } from '../../event/zone.ts';
import { draftOf } from '../../inspect/ids.ts';
import { runInspect } from '../../inspect/inspect.ts';
import { parsePointer } from '../../parse/pointer.ts';
import { unknownTypesOf } from '../../report/findings.ts';
import { inspectionToJson } from '../../report/inspect-json.ts';
import { renderInspection } from '../../report/inspect-text.ts';
import { openFileSink } from '../../sink/file.ts';
import { loadMapping } from '../../source/mapping-folder.ts';
import type { Flags } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { checked, maxLineOf, readIds } from '../job.ts';
import type { Io } from '../output.ts';
import { pipedInput, refuseClash, refuseNoFile } from '../paths.ts';

/** `inspect [INPUT…]`: what is in a log, before it is converted. Exit 3: some of it would be dead letters. */
export async function inspectCommand(words: readonly string[], flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const inputs = words.length > 0 ? words : [pipedInput(io, 'zcat log.gz | ccc-upcast inspect')];
  const draft = settings.get('draft-ids');
  refuseClash([...inputs.map((input) => ['an input', input] as const), ['the draft of an id table', draft]]);
  refuseNoFile(draft);
  const eventAt = settings.get('event-at');
  if (eventAt !== undefined) checked(settings, 'event-at', eventAt, parsePointer);
  const mapping = await loadMapping(settings.need('mapping'));
  // Opened before the log is read: hours of reading must not end at a file that cannot be written.
  const sink = draft === undefined ? undefined : openFileSink(draft, { force: settings.on('force') });
  try {
    const found = await runInspect({
      inputs,
      mapping,
      ids: await readIds(settings.get('ids')),
      timeZone: checked(settings, 'time-zone', settings.need('time-zone'), createZone),
      maxLine: maxLineOf(settings),
      dupKeys: settings.get('dup-keys') === 'last' ? 'last' : 'refuse',
      eventAt,
      rs: settings.on('rs'),
      allowTruncated: settings.on('allow-truncated'),
      limit: settings.get('limit'),
    });
    const lateness = settings.get('lateness') ?? mapping.waits.lateness;
    if (settings.on('json')) io.stdout.write(`${JSON.stringify(inspectionToJson(found, lateness), null, 2)}\n`);
    else io.stdout.write(renderInspection(found, lateness));
    if (sink !== undefined) {
      const bytes = new TextEncoder().encode(draftOf(found.ids));
      sink.line(bytes, 0, bytes.length);
      await sink.finish();
    }
    return found.refused.length > 0 || unknownTypesOf(found).length > 0 ? EXIT.deadLetters : EXIT.ok;
  } catch (error) {
    await sink?.remove();
    throw error;
  }
}
