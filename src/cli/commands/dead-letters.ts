import { existsSync } from 'node:fs';
import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import { createZone } from '../../event/zone.ts';
import { renderTable } from '../../report/figures.ts';
import { createClock } from '../../shim/clock.ts';
import { callDesk, controlPath } from '../../shim/control.ts';
import { createCore } from '../../shim/core.ts';
import type { LetterDesk, ShownLetter } from '../../shim/desk.ts';
import { createDesk } from '../../shim/desk.ts';
import type { LetterFilter, Redriven } from '../../shim/letters.ts';
import { loadMapping } from '../../source/mapping-folder.ts';
import { openSqlite } from '../../store/sqlite.ts';
import type { Flags, Settings } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { checked, LIVE_HOLD, readIds } from '../job.ts';
import type { Io } from '../output.ts';
import { profilesOf } from '../profiles.ts';
import { parseCount } from '../units.ts';

const SHOWN = 100;

/** `dead-letters list | show | redrive | purge`: asks the shim that holds the state, or opens it if none does. */
export async function lettersCommand(
  what: 'list' | 'show' | 'redrive' | 'purge',
  texts: readonly string[],
  flags: Flags,
  io: Io,
): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const ids = texts.map(idOf);
  const filter: LetterFilter = {
    ids: ids.length === 0 ? undefined : ids,
    code: settings.get('code'),
    stage: settings.get('stage'),
    endpoint: settings.get('endpoint'),
  };
  if ((what === 'purge' || what === 'redrive') && !isNarrow(filter) && !settings.on('all')) {
    throw usage(`${what} would take all dead letters`, 'name them by number, --code, --stage or --endpoint, or say --all');
  }
  if (what === 'show' && ids.length === 0) throw usage('no letter', 'name it by its number, which list shows');
  const desk = await openDesk(settings);
  try {
    const isJson = settings.on('json');
    switch (what) {
      case 'list':
        tellList(await desk.list(filter, isJson ? Number.MAX_SAFE_INTEGER : SHOWN), io, isJson);
        break;
      case 'show':
        for (const id of ids) io.stdout.write(`${JSON.stringify(await shown(desk, id), null, 2)}\n`);
        break;
      case 'redrive': {
        const redriven = await desk.redrive(filter, settings.on('rewrite'));
        tellRedriven(redriven, io, isJson);
        return redriven.rejected + redriven.left.length === 0 ? EXIT.ok : EXIT.deadLetters;
      }
      case 'purge': {
        const { purged } = await desk.purge(filter);
        io.stdout.write(isJson ? `${JSON.stringify({ purged })}\n` : `${purged} removed\n`);
        break;
      }
    }
    return EXIT.ok;
  } finally {
    await desk.close();
  }
}

function isNarrow({ ids, code, stage, endpoint }: LetterFilter): boolean {
  return ids !== undefined || code !== undefined || stage !== undefined || endpoint !== undefined;
}

function idOf(text: string): number {
  const id = parseCount(text);
  if (id === undefined) throw usage(`expected the number of a letter, got ${JSON.stringify(text)}`, 'list shows them');
  return id;
}

async function shown(desk: LetterDesk, id: number): Promise<ShownLetter> {
  const letter = await desk.show(id);
  if (letter !== undefined) return letter;
  throw new UpcastError({
    code: 'no-letter',
    exit: EXIT.noInput,
    message: `there is no dead letter ${id}`,
    hint: 'list shows those that there are',
  });
}

function tellList({ letters, count }: Awaited<ReturnType<LetterDesk['list']>>, io: Io, isJson: boolean): void {
  if (isJson) {
    for (const letter of letters) io.stdout.write(`${JSON.stringify(letter)}\n`);
    return;
  }
  const rows = letters.map(({ id, at, stage, code, endpoint, type, place, message }) => [
    String(id),
    new Date(at).toISOString(),
    stage,
    code,
    [endpoint, type, place === undefined || place === 0 ? undefined : `event ${place} of its contact`]
      .filter((each) => each !== undefined)
      .join(', '),
    message,
  ]);
  if (rows.length > 0) io.stdout.write(`${renderTable(['number', 'when', 'stage', 'reason', 'of', 'message'], rows).join('\n')}\n`);
  io.stdout.write(`${count} dead letters${count > letters.length ? `, the first ${letters.length} shown; --json prints all` : ''}\n`);
}

function tellRedriven({ sent, rejected, left }: Redriven, io: Io, isJson: boolean): void {
  if (isJson) {
    io.stdout.write(`${JSON.stringify({ sent, rejected, left })}\n`);
    return;
  }
  for (const { id, why } of left) io.stderr.write(`letter ${id} is left: ${why}\n`);
  io.stdout.write(`${sent} sent again, ${rejected} refused as before${left.length === 0 ? '' : `, ${left.length} left as they are`}\n`);
}

/** The desk of the shim that runs; without one, a desk of our own for as long as the command takes. */
async function openDesk(settings: Settings): Promise<LetterDesk> {
  const state = settings.get('state');
  if (state === undefined) throw usage('no state', 'name that of the shim: --state shim.db');
  const path = controlPath(state);
  const remote = path === undefined ? undefined : await callDesk(path);
  if (remote !== undefined) return remote;
  if (!existsSync(state)) throw new UpcastError({ code: 'no-state', exit: EXIT.noInput, message: 'there is no such state', place: state });
  const mapping = await loadMapping(settings.need('mapping'));
  const ids = await readIds(settings.get('ids'));
  const store = openSqlite(state);
  const known = store.outbox.endpoints();
  store.close();
  const endpoints = known.filter(({ takes }) => !takes.isDual).map(({ name, takes: { types, profile } }) => ({ name, types, profile }));
  const profiles = await profilesOf(
    mapping,
    endpoints.map(({ profile }) => profile),
    // The shim has its settings; here calls are over when its mapping says so.
    [],
  );
  const clock = createClock();
  const dupKeys = settings.get('dup-keys') === 'last' ? ('last' as const) : ('refuse' as const);
  const maxLine = settings.need('max-line');
  const { idle, retention } = mapping.waits;
  const timeZone = checked(settings, 'time-zone', settings.need('time-zone'), createZone);
  const core = createCore({
    open: () => openSqlite(state),
    engine: { mapping, profiles, ids, timeZone, hold: LIVE_HOLD, idle, retention, maxLine, dupKeys, capture: undefined },
    endpoints,
    // What is redriven came in before: the old system has it.
    dual: undefined,
    maxOutbox: Number.MAX_SAFE_INTEGER,
    minFree: 0,
    free: () => undefined,
    keep: Number.MAX_SAFE_INTEGER,
    clock,
    onFatal: () => {},
    onClockBehind: () => {},
    onRefusing: () => {},
    onCaptureLost: () => {},
  });
  // The shim sends it when it runs again.
  const again = (): void => {};
  const office = {
    outbox: () => core.outbox,
    act: core.act,
    submit: core.submit,
    rewrite: core.rewrite,
    shapes: () => core.shapes,
    maxLine,
    dupKeys,
    again,
  };
  return { ...createDesk(office, clock.now), close: core.close };
}

function usage(message: string, hint: string): UpcastError {
  return new UpcastError({ code: 'usage', exit: EXIT.usage, message, hint });
}
