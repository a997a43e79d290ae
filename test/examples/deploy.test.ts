import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { envName, OPTIONS, optionsOf } from '../../src/cli/options.ts';
import { EXIT } from '../../src/errors.ts';
import { runBin } from '../support/bin.ts';
import { projectFile, ROOT } from '../support/example.ts';

const FOLDER = 'examples/deploy';
const CONFIG = join(ROOT, FOLDER, 'shim.yaml');

const folder = mkdtempSync(join(tmpdir(), 'ccc-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The variables that shim.yaml names. */
const SECRETS = {
  INTAKE_TOKENS: 'one,two',
  CRM_KEY: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
  REPORTING_TOKEN: 'three',
};

/** `serve --check-config` as a user runs it, with the id table of the examples in the place of the machine's. */
function check(config: string, env: Readonly<Record<string, string>> = SECRETS, ids = 'examples/ids.csv') {
  const { PATH = '' } = process.env;
  const args = ['serve', '--check-config', '--config', config, '--state', '/nowhere/shim.db'];
  return runBin(args, { env: { PATH, CCC_UPCAST_IDS: ids, ...env } });
}

/** `name=value` of a unit, as often as it is there. */
function unit(name: string): readonly string[] {
  const lines = projectFile(`${FOLDER}/ccc-upcast.service`).split('\n');
  return lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
}

/** Flags of a command line that `serve` does not have. */
function unknownFlags(words: readonly string[]): readonly string[] {
  const known = optionsOf('serve').map(({ name }) => `--${name}`);
  return words.filter((word) => word.startsWith('-') && !known.includes(word));
}

describe('examples/deploy/shim.yaml', () => {
  it('is a valid configuration of serve', () => {
    expect(check(CONFIG)).toMatchObject({ status: EXIT.ok, stdout: '', stderr: '' });
  });

  it('is valid in a container too, where serve listens on every address', () => {
    expect(check(CONFIG, { ...SECRETS, CCC_UPCAST_LISTEN: '0.0.0.0:8210' })).toMatchObject({ status: EXIT.ok, stderr: '' });
  });

  it('is valid with all settings switched on that stand there as comments', () => {
    const text = projectFile(`${FOLDER}/shim.yaml`).replace(/^#(?=[a-z])/gm, '');
    expect(text).toContain('\nhold: 2s\n');
    const path = join(folder, 'all.yaml');
    writeFileSync(path, text);
    expect(check(path, { ...SECRETS, INTAKE_PATH_SECRET: 'four' })).toMatchObject({ status: EXIT.ok, stderr: '' });
  });

  it.each(Object.keys(SECRETS))('is refused without %s, which is named', (name) => {
    const others = Object.fromEntries(Object.entries(SECRETS).filter(([key]) => key !== name));
    const { status, stderr } = check(CONFIG, others);
    expect(status).toBe(EXIT.config);
    expect(stderr).toContain(name);
  });
});

describe('examples/deploy/ccc-upcast.service', () => {
  it('starts and checks serve with options that it has, and the same ones', () => {
    const [start = ''] = unit('ExecStart');
    const [reload = ''] = unit('ExecReload');
    const words = start.split(' ');
    expect(words.slice(0, 3)).toEqual(['/usr/bin/node', '/opt/ccc-upcast/bin/ccc-upcast.js', 'serve']);
    expect(unknownFlags([...words, ...reload.split(' ')])).toEqual([]);
    expect(reload.replace(' --check-config', '')).toBe(start);
  });

  it('does not restart what a restart does not heal, and does restart the rest', () => {
    const codes = unit('RestartPreventExitStatus').flatMap((each) => each.split(' ').map(Number));
    expect(codes).toEqual([EXIT.usage, EXIT.noInput, EXIT.busy, EXIT.stateMismatch, EXIT.permission, EXIT.config]);
    // RestartPreventExitStatus does not hold for it.
    expect(unit('ExecStartPre')).toEqual([]);
  });

  it('keeps the state where the unit may write, and gives it longer to stop than it takes', () => {
    const [start = ''] = unit('ExecStart');
    expect(start).toContain(`--state /var/lib/${unit('StateDirectory')[0]}/`);
    expect(Number(unit('TimeoutStopSec')[0])).toBeGreaterThan(10);
    expect(unit('UMask')).toEqual(['0077']);
  });

  it('ends with a code that is not restarted when the configuration is bad', () => {
    const codes = unit('RestartPreventExitStatus').flatMap((each) => each.split(' ').map(Number));
    expect(codes).toContain(check(CONFIG, {}).status);
    expect(codes).toContain(check('/nowhere/shim.yaml').status);
    expect(codes).toContain(check(CONFIG, SECRETS, '/nowhere/ids.csv').status);
  });
});

describe('examples/deploy/Dockerfile and compose.yaml', () => {
  const compose = parse(projectFile(`${FOLDER}/compose.yaml`)).services.shim;
  const dockerfile = projectFile(`${FOLDER}/Dockerfile`);
  const settings = Object.fromEntries(
    [...dockerfile.matchAll(/\b(CCC_UPCAST_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const { CCC_UPCAST_LISTEN: listen = '', CCC_UPCAST_STATE: state = '' } = settings;

  it('set settings that there are', () => {
    const known = OPTIONS.map(({ name }) => envName(name));
    expect(Object.keys(settings)).toEqual(['CCC_UPCAST_LISTEN', 'CCC_UPCAST_STATE']);
    expect(Object.keys(settings).filter((name) => !known.includes(name))).toEqual([]);
    const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    expect(unknownFlags(JSON.parse(command))).toEqual([]);
  });

  it('keep the state on the volume', () => {
    expect(state).toMatch(/^\/data\//);
    expect(dockerfile).toMatch(/^VOLUME \/data$/m);
    expect(compose.volumes).toContain('state:/data');
  });

  it('need a credential of senders, since the port can be reached', () => {
    const own = { CCC_UPCAST_FORWARD: 'https://new.example/', CCC_UPCAST_LISTEN: listen };
    expect(check('/dev/null', own).status).toBe(EXIT.config);
    expect(check('/dev/null', { ...own, CCC_UPCAST_INTAKE_TOKENS: 'one' }).status).toBe(EXIT.ok);
  });

  it('copy files that there are', () => {
    const [, tag] = /FROM node:\$\{NODE\}-(\w+) AS build/.exec(dockerfile) ?? [];
    expect(dockerfile).toContain(`FROM node:\${NODE}-${tag}-slim`);
    const copied = [...dockerfile.matchAll(/\/app\/([\w.]+)/g)].map(([, name = '']) => name);
    expect(copied.sort()).toEqual(['LICENSE', 'bin', 'dist', 'mappings', 'node_modules', 'package.json']);
  });
});
