import type { ExitCode } from '../../errors.ts';
import { EXIT } from '../../errors.ts';
import { renderTable } from '../../report/figures.ts';
import type { Flags, Setting } from '../config.ts';
import { resolveSettings } from '../config.ts';
import type { Io } from '../output.ts';
import { formatValue } from '../values.ts';

/** `config show`: each setting with its value and where it came from. */
export async function configShowCommand(flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const list = settings.list.filter((setting) => setting.option.only === undefined);
  if (settings.on('json')) {
    const values = list.map(({ option, value, source, origin }) => ({ name: option.name, value: value ?? null, source, origin }));
    io.stdout.write(`${JSON.stringify({ configFile: settings.configPath ?? null, settings: values }, null, 2)}\n`);
    return EXIT.ok;
  }
  const rows = list.map((setting) => [setting.option.name, textOf(setting), setting.origin]);
  io.stdout.write(`config file: ${settings.configPath ?? 'none'}\n\n${renderTable(['setting', 'value', 'from'], rows).join('\n')}\n`);
  return EXIT.ok;
}

function textOf({ option, value }: Setting): string {
  return value === undefined ? '-' : formatValue(option, value);
}
