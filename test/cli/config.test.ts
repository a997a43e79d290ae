// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of variables in config files.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Settings } from '../../src/cli/config.ts';
import { resolveSettings } from '../../src/cli/config.ts';
import { CONFIG_KEYS } from '../../src/cli/config-file.ts';
import type { OptionName } from '../../src/cli/options.ts';
import { OPTIONS } from '../../src/cli/options.ts';
import type { UpcastError } from '../../src/errors.ts';
import { run } from './io.ts';

let folder = '';
const before = process.cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-config-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

function put(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function originOf(settings: Settings, name: OptionName): string | undefined {
  return settings.list.find((setting) => setting.option.name === name)?.origin;
}

function failure(action: () => unknown): UpcastError {
  try {
    action();
  } catch (error) {
    return error as UpcastError;
  }
  throw new Error('expected an error');
}

describe('precedence', () => {
  it('is flag, environment, config file, default', () => {
    put('ccc-upcast.yaml', 'lateness: 1s\nhold: 1s\nidle: 1h\n');
    const settings = resolveSettings({ lateness: '3s' }, { CCC_UPCAST_LATENESS: '2s', CCC_UPCAST_HOLD: '2s' });
    expect([settings.get('lateness'), originOf(settings, 'lateness')]).toEqual([3000, '--lateness']);
    expect([settings.get('hold'), originOf(settings, 'hold')]).toEqual([2000, 'CCC_UPCAST_HOLD']);
    expect([settings.get('idle'), originOf(settings, 'idle')]).toEqual([3_600_000, 'ccc-upcast.yaml:3:7']);
    expect([settings.get('max-jump'), originOf(settings, 'max-jump')]).toEqual([3_600_000, 'default']);
    expect(settings.get('retention')).toBeUndefined();
  });

  it('of config files is --config, the folder, the user; the first that exists is the only one', () => {
    const env = { XDG_CONFIG_HOME: join(folder, 'xdg') };
    put('xdg/ccc-upcast/config.yaml', 'hold: 1s\nidle: 5h\n');
    expect(resolveSettings({}, env).get('hold')).toBe(1000);
    put('ccc-upcast.yaml', 'hold: 2s\n');
    expect(resolveSettings({}, env).get('hold')).toBe(2000);
    expect(resolveSettings({}, env).get('idle')).toBeUndefined();
    put('my.yaml', 'hold: 4s\n');
    expect(resolveSettings({ config: 'my.yaml' }, env).get('hold')).toBe(4000);
    expect(resolveSettings({}, { ...env, CCC_UPCAST_CONFIG: 'my.yaml' }).get('hold')).toBe(4000);
  });

  it('without XDG_CONFIG_HOME looks in ~/.config', () => {
    put('.config/ccc-upcast/config.yaml', 'hold: 9s\n');
    expect(resolveSettings({}, { HOME: folder }).get('hold')).toBe(9000);
  });
});

/** Of a replay: what is sent this time, and whether it is. */
const REPLAY_ONLY = [
  ...['start-at', 'since', 'until', 'type', 'contact', 'agent', 'sample', 'loop', 'restamp'],
  ...['receipts', 'dry-run', 'yes', 'verify', 'against'],
];

describe('a config file', () => {
  it('holds every option but those that only make sense for one run, under its flag name', () => {
    const flagsOnly = [
      'config',
      'shard',
      'json',
      'restart',
      'check-config',
      'rewrite',
      'code',
      'stage',
      'endpoint',
      'all',
      'draft-ids',
      'draft-mapping',
      'show-values',
      ...['line', 'event-id', 'states', 'html', 'coverage', 'permute', 'junit', 'diff'],
      ...REPLAY_ONLY,
    ];
    const names = OPTIONS.map((option) => option.name).filter((name) => !flagsOnly.includes(name));
    expect(CONFIG_KEYS).toEqual(names);
  });

  it('keeps scalars as they are written, and expands variables in values only', () => {
    put('ccc-upcast.yaml', 'ids: "${DIR:-/data}/ids.csv"\nlimit: 007\nstrict: yes\nevent-at: /message/0\n');
    const settings = resolveSettings({}, {});
    expect(settings.get('ids')).toBe('/data/ids.csv');
    expect(settings.get('limit')).toBe(7);
    expect(settings.on('strict')).toBe(true);
  });

  it('may be empty', () => {
    put('ccc-upcast.yaml', '# nothing yet\n');
    expect(resolveSettings({}, {}).get('mapping')).toBe('ccc-2.0');
  });

  it.each([
    ['latenes: 5s', 'unknown key "latenes"', 'did you mean "lateness"?', '1:1'],
    ['hold: 1s\ntimeZone: UTC', 'unknown key "timeZone"', 'did you mean "time-zone"?', '2:1'],
    ['config: x.yaml', 'unknown key "config"', undefined, '1:1'],
    ['${KEY}: 5s', 'unknown key "${KEY}"', undefined, '1:1'],
    ['hold: 5', 'hold: expected a time with its unit, got "5"', undefined, '1:7'],
    ['hold: [1s]', 'hold: expected one value', undefined, '1:1'],
    ['ids: ${NONE}', 'the environment has no NONE', undefined, '1:6'],
    ['ids: ${NONE:?give the ids}', 'give the ids', undefined, '1:6'],
    ['dup-keys: first', 'dup-keys: expected one of refuse, last, got "first"', undefined, '1:11'],
    ['- hold', 'expected option: value, one a line', undefined, '1:1'],
    ['hold: 1s\nhold: 2s', 'Map keys must be unique', undefined, '2:1'],
  ])('%j is an error with its place', (text, message, hint, at) => {
    put('ccc-upcast.yaml', text);
    const error = failure(() => resolveSettings({}, {}));
    expect({ message: error.message, place: error.place, exit: error.exit }).toEqual({ message, place: `ccc-upcast.yaml:${at}`, exit: 78 });
    if (hint !== undefined) expect(error.hint).toBe(hint);
  });

  it('that was asked for must exist', () => {
    expect(failure(() => resolveSettings({ config: 'none.yaml' }, {}))).toMatchObject({ exit: 78, place: 'none.yaml' });
  });
});

describe('the environment', () => {
  it('with an unknown setting is an error that names the nearest', () => {
    const error = failure(() => resolveSettings({}, { CCC_UPCAST_LATENES: '5s' }));
    expect(error).toMatchObject({ exit: 78, hint: 'did you mean "CCC_UPCAST_LATENESS"?' });
  });

  it('may hold what Kubernetes sets for a service of our name', () => {
    const env = { CCC_UPCAST_PORT: 'tcp://10.0.0.1:80', CCC_UPCAST_SERVICE_HOST: '10.0.0.1', CCC_UPCAST_PORT_80_TCP_ADDR: '10.0.0.1' };
    expect(resolveSettings({}, env).get('mapping')).toBe('ccc-2.0');
  });

  it('with a bad value ends with 78, a flag with one by 2', () => {
    expect(failure(() => resolveSettings({}, { CCC_UPCAST_HOLD: 'long' }))).toMatchObject({ exit: 78, place: 'CCC_UPCAST_HOLD' });
    expect(failure(() => resolveSettings({ hold: 'long' }, {}))).toMatchObject({ exit: 2 });
  });
});

describe('config show', () => {
  it('prints each value with its origin, in units', async () => {
    put('ccc-upcast.yaml', 'max-line: 2097152B\n');
    const { out, exit } = await run(['config', 'show', '--hold', '90s'], { env: { CCC_UPCAST_IDLE: '2h' } });
    expect(exit).toBe(0);
    expect(out).toMatch(/^max-line +2MiB +ccc-upcast\.yaml:1:11$/m);
    expect(out).toMatch(/^hold +90s +--hold$/m);
    expect(out).toMatch(/^idle +2h +CCC_UPCAST_IDLE$/m);
    expect(out).toMatch(/^retention +- +default: from the mapping$/m);
  });

  it('prints JSON', async () => {
    const { out } = await run(['config', 'show', '--json', '--limit', '5']);
    const { settings } = JSON.parse(out) as { settings: readonly { name: string }[] };
    expect(settings.find((setting) => setting.name === 'limit')).toEqual({ name: 'limit', value: 5, source: 'flag', origin: '--limit' });
  });
});
