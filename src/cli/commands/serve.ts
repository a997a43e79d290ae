import type { ExitCode } from '../../errors.ts';
import { EXIT, UpcastError } from '../../errors.ts';
import type { Log } from '../../observe/log.ts';
import { createLog } from '../../observe/log.ts';
import type { Shim } from '../../shim/serve.ts';
import { startShim } from '../../shim/serve.ts';
import type { Flags } from '../config.ts';
import { resolveSettings } from '../config.ts';
import type { Io } from '../output.ts';
import { createShimOptions } from '../shim-options.ts';

/** It ends within ten seconds; milliseconds. */
const PATIENCE = 9_000;

/** `serve`: the live shim. Ends with 0 when it was asked to stop and has. */
export async function serveCommand(flags: Flags, io: Io, version: string): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const options = await createShimOptions(settings, version);
  if (settings.on('check-config')) return EXIT.ok;
  const log = createLog(io.stderr, settings.on('quiet') ? 'error' : settings.on('verbose') ? 'debug' : 'info');
  const stopped = io.stopSignal?.(PATIENCE);
  const shim = await startShim(options, log);
  const asked = new Promise<void>((resolve) => {
    // It may have been asked while it started.
    if (stopped?.aborted === true) resolve();
    stopped?.addEventListener('abort', () => resolve(), { once: true });
  });
  io.onReload?.(() => {
    void reload(shim, flags, io, version, log);
  });
  try {
    await Promise.race([asked, shim.broken]);
  } finally {
    await shim.stop();
  }
  return EXIT.ok;
}

/** SIGHUP: mapping, id table, certificates and config file are read anew; where something is wrong with them, the old stay in force. */
async function reload(shim: Shim, flags: Flags, io: Io, version: string, log: Log): Promise<void> {
  try {
    shim.reload(await createShimOptions(resolveSettings(flags, io.env), version));
    log.info('mapping, ids and certificates were read anew');
  } catch (error) {
    const code = error instanceof UpcastError ? error.code : 'internal';
    const detail =
      error instanceof UpcastError ? [error.message, error.place].filter((each) => each !== undefined).join(', ') : String(error);
    log.error('what was changed is not taken; the old mapping, ids and certificates stay in force', { code, detail });
  }
}
