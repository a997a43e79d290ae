import type { ExitCode } from '../../errors.ts';
import { EXIT } from '../../errors.ts';
import { renderTable } from '../../report/figures.ts';
import type { Flags, Setting } from '../config.ts';
import { resolveSettings } from '../config.ts';
import type { Io } from '../output.ts';
import type { Value } from '../values.ts';
import { formatValue } from '../values.ts';

/** `config show`: each setting with its value and where it came from. */
export async function configShowCommand(flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const list = settings.list.filter(({ option }) => option.only === undefined || option.only === 'secret');
  if (settings.on('json')) {
    const values = list.map((setting) => ({
      name: setting.option.name,
      value: shown(setting) ?? null,
      source: setting.source,
      origin: setting.origin,
    }));
    io.stdout.write(`${JSON.stringify({ configFile: settings.configPath ?? null, settings: values }, null, 2)}\n`);
    return EXIT.ok;
  }
  const rows = list.map((setting) => [setting.option.name, textOf(setting), setting.origin]);
  io.stdout.write(`config file: ${settings.configPath ?? 'none'}\n\n${renderTable(['setting', 'value', 'from'], rows).join('\n')}\n`);
  return EXIT.ok;
}

/** What may be shown of a value: of a secret only that it is set. */
function shown({ option, value }: Setting): Value | undefined {
  return option.only === 'secret' && value !== undefined ? '(set)' : value;
}

function textOf(setting: Setting): string {
  const value = shown(setting);
  return value === undefined ? '-' : formatValue(setting.option, value);
}
