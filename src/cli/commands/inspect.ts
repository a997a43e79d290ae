import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import { draftMapping } from '../../inspect/draft-mapping.ts';
import { draftOf } from '../../inspect/ids.ts';
import { runInspect } from '../../inspect/inspect.ts';
import type { Inspection } from '../../inspect/inspection.ts';
import { unknownTypesOf } from '../../report/findings.ts';
import { inspectionToHtml } from '../../report/inspect-html.ts';
import { inspectionToJson } from '../../report/inspect-json.ts';
import { renderInspection } from '../../report/inspect-text.ts';
import { builtInMappings, loadMapping, readMappingFolder } from '../../source/mapping-folder.ts';
import type { Flags } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { readIds, readingOf } from '../job.ts';
import type { Io } from '../output.ts';
import { pipedInput, refuseClash, refuseNoFile } from '../paths.ts';
import { createResultFiles, formFor, reportPathOf } from '../result-files.ts';

/** `inspect [INPUT…]`: what is in a log, before it is converted. Exit 3: some of it would be dead letters. */
export async function inspectCommand(words: readonly string[], flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const inputs = words.length > 0 ? words : [pipedInput(io, 'zcat log.gz | ccc-upcast inspect')];
  const [ids, report, folder] = [settings.get('draft-ids'), reportPathOf(settings), settings.get('draft-mapping')];
  refuseClash([...inputs.map((input) => ['an input', input] as const), ['the draft of an id table', ids], ['the report', report]]);
  for (const path of [ids, report]) refuseNoFile(path);
  if (folder !== undefined) refuseFolder(folder);
  const reading = readingOf(settings);
  const mapping = await loadMapping(settings.need('mapping'));
  const lateness = settings.get('lateness') ?? mapping.waits.lateness;
  const table = await readIds(settings.get('ids'));
  const files = createResultFiles<Inspection>(settings);
  try {
    files.open(ids, (found) => draftOf(found.ids));
    files.open(report, (found) => reportOf(found, lateness, report ?? ''));
    const found = await runInspect({
      inputs,
      mapping,
      ids: table,
      ...reading,
      limit: settings.get('limit'),
    });
    if (settings.on('json')) io.stdout.write(`${JSON.stringify(inspectionToJson(found, lateness), null, 2)}\n`);
    else io.stdout.write(renderInspection(found, lateness));
    await files.write(found);
    if (folder !== undefined) await writeDraft(folder, found, settings.need('mapping'), io);
    return found.refused.length > 0 || unknownTypesOf(found).length > 0 ? EXIT.deadLetters : EXIT.ok;
  } catch (error) {
    await files.remove();
    throw error;
  }
}

function reportOf(found: Inspection, lateness: number, path: string): string {
  return formFor(path, {
    html: () => inspectionToHtml(found, lateness),
    json: () => inspectionToJson(found, lateness),
    text: () => renderInspection(found, lateness),
  });
}

/** A draft is to be changed by hand: what somebody has written is never written over. */
function refuseFolder(folder: string): void {
  if (!existsSync(folder)) return;
  throw new UpcastError({
    code: 'output-exists',
    exit: EXIT.cannotCreate,
    message: 'the folder for the draft of a mapping is there already',
    place: folder,
    hint: 'name another folder with --draft-mapping',
  });
}

async function writeDraft(folder: string, found: Inspection, mapping: string, io: Io): Promise<void> {
  const files = draftMapping(found, await baseOf(mapping, folder), await readMappingFolder(mapping));
  if (files.length === 0) io.stderr.write('the mapping knows everything in the log: nothing to draft\n');
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { flag: 'wx' });
  }
}

/** `extends` takes a built-in name, or a folder relative to the mapping's own. */
async function baseOf(mapping: string, folder: string): Promise<string> {
  if ((await builtInMappings()).includes(mapping) || isAbsolute(mapping)) return mapping;
  return relative(resolve(folder), resolve(mapping));
}
