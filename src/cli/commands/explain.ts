import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import type { ExplainJob, Explanation } from '../../explain/explain.ts';
import { contactAtLine, contactOfEvent, explainCalls } from '../../explain/explain.ts';
import type { Mapping } from '../../mapping/model.ts';
import { explanationToHtml } from '../../report/explain-html.ts';
import { explanationToJson } from '../../report/explain-json.ts';
import { renderExplanation } from '../../report/explain-text.ts';
import type { Mark } from '../../report/ladder.ts';
import { expandInputs } from '../../source/inputs.ts';
import { loadMapping } from '../../source/mapping-folder.ts';
import type { Flags, Settings } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { readIds, readingOf } from '../job.ts';
import type { Colors, Io } from '../output.ts';
import { colorsFor } from '../output.ts';
import { pipedInput, refuseClash, refuseNoFile } from '../paths.ts';
import { createResultFiles } from '../result-files.ts';

/** `explain [INPUT…] --contact ID`: what became of a call, and why. */
export async function explainCommand(words: readonly string[], flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const inputs = words.length > 0 ? words : [pipedInput(io, 'zcat log.gz | ccc-upcast explain --contact 7001')];
  const html = settings.get('html');
  refuseClash([...inputs.map((input) => ['an input', input] as const), ['the page', html]]);
  refuseNoFile(html);
  const mapping = await loadMapping(settings.need('mapping'));
  const job: ExplainJob = {
    ...readingOf(settings),
    inputs,
    mapping,
    ids: await readIds(settings.get('ids')),
    lateness: settings.get('lateness') ?? mapping.waits.lateness,
    hold: settings.get('hold') ?? mapping.waits.hold,
    idle: settings.get('idle') ?? mapping.waits.idle,
    retention: settings.get('retention') ?? mapping.waits.retention,
    maxJump: settings.need('max-jump'),
    merge: settings.on('merge'),
  };
  const contacts = await contactsOf(settings, job);
  const showValues = settings.on('show-values');
  const files = createResultFiles<Explanation>(settings);
  try {
    files.open(html, (found) => explanationToHtml(found, showValues));
    const found = await explainCalls(job, contacts);
    if (found.calls.length === 0) {
      throw new UpcastError({
        code: 'no-such-event',
        exit: EXIT.noInput,
        message: `this log has no event of the contact ${contacts[0]}`,
        hint: 'look its contactId up in the log; --line N and --event-id ID find a call, too',
      });
    }
    await files.write(found);
    const missing = contacts.filter((each) => !found.calls.some(({ contact }) => contact === each));
    if (missing.length > 0) io.stderr.write(`not in this log: ${missing.join(', ')}\n`);
    const paint = painter(colorsFor(io.stdout, settings.get('color'), io.env));
    if (settings.on('json')) io.stdout.write(`${JSON.stringify(explanationToJson(found, showValues), null, 2)}\n`);
    else if (html === undefined) io.stdout.write(renderExplanation(found, { showValues, states: settings.on('states'), paint }));
    return EXIT.ok;
  } catch (error) {
    await files.remove();
    throw error;
  }
}

/** The 1.0 contactIds that are asked for. Errors: usage (2), nothing found (66). */
async function contactsOf(settings: Settings, job: ExplainJob): Promise<readonly string[]> {
  const [contacts, line, id] = [settings.get('contact'), settings.get('line'), settings.get('event-id')];
  if ([contacts, line, id].filter((each) => each !== undefined).length !== 1) {
    throw new UpcastError({
      code: 'usage',
      exit: EXIT.usage,
      message: 'one of contact, line and event-id says which call is meant',
      hint: 'give --contact ID, --line N or --event-id ID',
    });
  }
  if (job.inputs.includes('-') && contacts === undefined) {
    throw new UpcastError({
      code: 'usage',
      exit: EXIT.usage,
      message: 'standard input is read once',
      hint: 'give --contact ID, or name a file',
    });
  }
  if (contacts !== undefined) return contacts.map((contact) => legacyContact(contact, job.mapping));
  if (line !== undefined) return [await contactAtLine(job, await placeOf(settings, line, job))];
  return [legacyContact(await contactOfEvent(job, (id ?? '').toLowerCase()), job.mapping)];
}

/** A contact may be named as 2.0 names it, too, where the mapping makes an id of its own of it. */
function legacyContact(contact: string, { contactId }: Mapping): string {
  if (contactId.op !== 'template' || !contact.startsWith(contactId.before) || !contact.endsWith(contactId.after)) return contact;
  return contact.slice(contactId.before.length, contact.length - contactId.after.length) || contact;
}

/** `N`, or `FILE:N` where there are several inputs. */
async function placeOf(settings: Settings, text: string, job: ExplainJob): Promise<{ readonly source: number; readonly line: number }> {
  const inputs = await expandInputs(job.inputs);
  const [, file, digits] = /^(?:(.*):)?(\d+)$/.exec(text) ?? [];
  const source = file === undefined ? (inputs.length === 1 ? 0 : -1) : inputs.findIndex(({ name }) => name === file);
  const line = Number(digits ?? 0);
  if (line > 0 && source >= 0) return { source, line };
  const form = inputs.length === 1 ? 'a line number' : `FILE:N, FILE being one of ${inputs.map(({ name }) => name).join(', ')}`;
  throw settings.error('line', `line: expected ${form}, got ${JSON.stringify(text)}`);
}

function painter(colors: Colors): (mark: Mark, text: string) => string {
  return (mark, text) => {
    if (mark === 'synthesized') return colors.green(text);
    if (mark === 'resolved') return colors.cyan(text);
    return mark === 'none' ? colors.dim(text) : text;
  };
}
