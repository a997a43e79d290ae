import type { ExitCode } from '../../errors.ts';
import { EXIT } from '../../errors.ts';
import type { Step } from '../../jetstream/setup.ts';
import { stepsOf } from '../../jetstream/setup.ts';
import type { Flags, Settings } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { asked, connectWith, streamOf } from '../nats.ts';
import type { Io } from '../output.ts';

const DUPLICATE_WINDOW = 600_000;
const MOST_PARTITIONS = 1000;

const SIGNS = { missing: '+', different: '~', right: '=' } as const;

/** `setup`: makes the streams and buckets that workers need, or says that all is as it should be. Exit 78: the server must be configured. */
export async function setupCommand(flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const source = settings.get('source') === undefined ? undefined : streamOf(settings, 'source');
  const sink = settings.get('sink') === undefined ? undefined : streamOf(settings, 'sink');
  const url = source ?? sink;
  if (url === undefined)
    throw settings.error('source', 'source: expected nats://HOST/STREAM, got nothing', 'give --source, --sink or both');
  const link = await connectWith(settings, url);
  try {
    const plan = {
      source: source?.stream,
      sink: sink?.stream,
      partitions: partitionsOf(settings),
      replicas: settings.need('replicas'),
      maxAge: settings.need('max-age'),
      duplicateWindow: Math.min(DUPLICATE_WINDOW, settings.need('max-age')),
    };
    const steps = await asked(url, link, () => stepsOf(link, plan), 0);
    for (const { state, what, details } of steps) io.stdout.write(`${SIGNS[state]} ${what}: ${details}\n`);
    const todo = steps.filter(({ act }) => act !== undefined);
    if (settings.on('dry-run')) io.stdout.write(`${todo.length === 0 ? 'nothing to do' : `${todo.length} to do; nothing was done`}\n`);
    else for (const { act = nothing } of todo) await asked(url, link, act, 0);
    return tellMapping(steps, io);
  } finally {
    await link.close();
  }
}

/** No program can change the configuration of a server. */
function tellMapping(steps: readonly Step[], io: Io): ExitCode {
  const byHand = steps.find(({ act, state }) => act === undefined && state !== 'right');
  if (byHand === undefined) return EXIT.ok;
  io.stderr.write(`error: the server does not map subjects to partitions as it must\n`);
  io.stderr.write(`hint: put this into its configuration (in the account, if it has accounts), and nats-server --signal reload\n`);
  io.stderr.write(`      ${byHand.details}\n`);
  return EXIT.config;
}

async function nothing(): Promise<void> {}

function partitionsOf(settings: Settings): number {
  const text = settings.get('partitions');
  const partitions = Number(text);
  if (text !== undefined && Number.isInteger(partitions) && partitions >= 1 && partitions <= MOST_PARTITIONS) return partitions;
  throw settings.error(
    'partitions',
    `partitions: expected 1 to ${MOST_PARTITIONS}, got ${text ?? 'nothing'}`,
    'as many as there will ever be workers',
  );
}
