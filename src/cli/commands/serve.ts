import type { ExitCode } from '../../errors.ts';
import { EXIT } from '../../errors.ts';
import { createLog } from '../../observe/log.ts';
import { startShim } from '../../shim/serve.ts';
import type { Flags } from '../config.ts';
import { resolveSettings } from '../config.ts';
import type { Io } from '../output.ts';
import { createShimOptions } from '../shim-options.ts';

/** `serve`: the live shim. Ends with 0 when it was asked to stop and has. */
export async function serveCommand(flags: Flags, io: Io, version: string): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const options = await createShimOptions(settings, version);
  if (settings.on('check-config')) return EXIT.ok;
  const log = createLog(io.stderr, settings.on('quiet') ? 'error' : settings.on('verbose') ? 'debug' : 'info');
  const stopped = io.stopSignal?.();
  const shim = await startShim(options, log);
  const asked = new Promise<void>((resolve) => stopped?.addEventListener('abort', () => resolve(), { once: true }));
  try {
    await Promise.race([asked, shim.broken]);
  } finally {
    await shim.stop();
  }
  return EXIT.ok;
}
