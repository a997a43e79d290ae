import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccc-serve-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SECRET = 'canary-5b1c';
const HERE = 'http://127.0.0.1:9/in';

interface Setup {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Text of the config file. */
  readonly file?: string;
}

/** Checks a configuration; gives exit code and what was said. */
async function check({ args = ['--forward', HERE], env = {}, file }: Setup): Promise<{ readonly exit: number; readonly said: string }> {
  let said = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      said += String(chunk);
      done();
    },
  });
  const config = join(folder, 'config.yaml');
  if (file !== undefined) writeFileSync(config, file);
  const all = ['serve', '--check-config', '--state', join(folder, 'shim.db'), ...(file === undefined ? [] : ['--config', config]), ...args];
  const exit = await runProgram(all, { stdin: process.stdin, stdout: stream, stderr: stream, env: { HOME: folder, ...env } });
  return { exit, said };
}

const listed = (text: string): Setup => ({ args: [], file: `endpoints:\n${text}` });

describe('serve --check-config', () => {
  it.each<readonly [string, Setup]>([
    ['an endpoint on this machine', {}],
    ['an endpoint elsewhere', { args: ['--forward', 'https://new.example/events'] }],
    ['two endpoints', { args: ['--forward', HERE, '--forward', 'https://new.example/events'] }],
    ['a private network that is opened', { args: ['--forward', 'https://10.1.2.3/in', '--allow-net', '10.0.0.0/8'] }],
    ['plain http that is meant', { args: ['--forward', 'http://new.example/in', '--insecure'] }],
    ['another address with a token', { args: ['--forward', HERE, '--listen', '0.0.0.0:0'], env: { CCC_UPCAST_INTAKE_TOKENS: SECRET } }],
    ['another address with a network', { args: ['--forward', HERE, '--listen', '[::]:0', '--intake-networks', '10.0.0.0/8 ::1'] }],
    [
      'endpoints in a file',
      listed(`  - url: ${HERE}\n    name: new\n    keys: [${KEY}]\n    headers: {x-tenant: a}\n    concurrency: 4\n    deadline: 10s\n`),
    ],
    ['a profile of an endpoint', listed(`  - url: ${HERE}\n    profile: ccc-2.0-current\n`)],
    ['other names for headers', listed(`  - url: ${HERE}\n    header-names: {idempotency-key: none, webhook-id: X-Event-Id}\n`)],
    [
      'names of headers that are exchanged',
      listed(`  - url: ${HERE}\n    header-names: {idempotency-key: webhook-id, webhook-id: idempotency-key}\n`),
    ],
    ['keys from a variable', { ...listed(`  - url: ${HERE}\n    keys: ["\${K}"]\n`), env: { K: KEY } }],
  ])('takes %s, and touches no file', async (_what, setup) => {
    expect(await check(setup)).toEqual({ exit: 0, said: '' });
    expect(readdirSync(folder).filter((name) => name !== 'config.yaml')).toEqual([]);
  });

  it.each<readonly [string, Setup, number, string]>([
    ['no endpoint', { args: [] }, 2, 'nowhere to send events to'],
    ['no URL', { args: ['--forward', 'new.example'] }, 2, 'https://new.example/events'],
    ['another scheme', { args: ['--forward', 'ftp://new.example/'] }, 2, 'http or https'],
    ['a password in a URL', { args: ['--forward', `https://a:${SECRET}@new.example/`] }, 2, 'password'],
    ['plain http to elsewhere', { args: ['--forward', 'http://new.example/'] }, 2, '--insecure'],
    ['a private address', { args: ['--forward', 'https://192.168.1.1/'] }, 2, '--allow-net 192.168.1.1/32'],
    ['a metadata address', { args: ['--forward', 'http://169.254.169.254/', '--insecure'] }, 2, 'linkLocal'],
    ['the same endpoint twice', { args: ['--forward', HERE, '--forward', HERE] }, 2, 'a name of its own'],
    ['an address that everybody reaches', { args: ['--forward', HERE, '--listen', '0.0.0.0:8210'] }, 78, 'CCC_UPCAST_INTAKE_TOKENS'],
    ['no port', { args: ['--forward', HERE, '--listen', '127.0.0.1'] }, 2, '127.0.0.1:8210'],
    ['a port too high', { args: ['--forward', HERE, '--admin', '127.0.0.1:70000'] }, 2, 'HOST:PORT'],
    ['no network', { args: ['--forward', HERE, '--allow-net', '10.0.0.0'] }, 2, '10.0.0.0/8'],
    ['a key that is none', { env: { CCC_UPCAST_FORWARD_KEYS: SECRET } }, 78, 'whsec_'],
    ['a secret as a flag', { args: ['--forward', HERE, '--intake-tokens', SECRET] }, 2, 'unknown option'],
    ['a misspelt variable', { env: { CCC_UPCAST_INTAKE_TOKEN: SECRET } }, 78, 'CCC_UPCAST_INTAKE_TOKENS'],
    ['a misspelt key', listed(`  - uri: ${HERE}\n`), 78, 'config.yaml:1:1'],
    ['an unknown section', { file: 'endpoint: []\n' }, 78, '"endpoints"'],
    ['a list that is none', listed(`  url: ${HERE}\n`), 78, 'endpoints'],
    ['a header of the delivery', listed(`  - url: ${HERE}\n    headers: {Webhook-Id: a}\n`), 78, 'Webhook-Id'],
    ['a header over two lines', listed(`  - url: ${HERE}\n    headers: {x-a: "b\\nc: d"}\n`), 78, '"x-a"'],
    ['a header that no delivery has', listed(`  - url: ${HERE}\n    header-names: {webhook-ids: a}\n`), 78, 'webhook-ids'],
    ['a name that is none', listed(`  - url: ${HERE}\n    header-names: {webhook-id: "a b"}\n`), 78, '"a b"'],
    ['a name that the connection needs', listed(`  - url: ${HERE}\n    header-names: {webhook-id: Host}\n`), 78, '"Host"'],
    ['two headers of one name', listed(`  - url: ${HERE}\n    header-names: {webhook-id: idempotency-key}\n`), 78, 'two headers'],
    [
      'a name that a header has',
      listed(`  - url: ${HERE}\n    headers: {X-A: b}\n    header-names: {webhook-id: x-a}\n`),
      78,
      'two headers',
    ],
    ['no requests at once', listed(`  - url: ${HERE}\n    concurrency: 0\n`), 78, 'concurrency'],
    ['a time without a unit', listed(`  - url: ${HERE}\n    deadline: 10\n`), 78, 'deadline'],
    ['certificates that are not there', listed(`  - url: ${HERE}\n    ca-file: /nowhere.pem\n`), 78, '/nowhere.pem'],
    ['a variable that is not set', listed(`  - url: ${HERE}\n    keys: ["\${NOT_SET}"]\n`), 78, 'NOT_SET'],
    ['an id table that is not there', { args: ['--forward', HERE, '--ids', '/nowhere.csv'] }, 66, '/nowhere.csv'],
    ['a profile that is not there', listed(`  - url: ${HERE}\n    profile: ccc-2.1\n`), 78, 'ccc-2.0'],
    ['a mapping that is not there', { args: ['--forward', HERE, '--mapping', 'ccc-2.1'] }, 78, 'ccc-2.0'],
  ])('refuses %s by its name, touches no file and shows no secret', async (_what, setup, exit, words) => {
    const result = await check(setup);
    expect(result.said).toContain(words);
    expect(result.exit).toBe(exit);
    expect(result.said).not.toContain(SECRET);
    expect(readdirSync(folder).filter((name) => name !== 'config.yaml')).toEqual([]);
  });

  it('refuses a profile that decides otherwise than the mapping of the shim, and says in what (78)', async () => {
    const profile = join(folder, 'profile');
    mkdirSync(join(profile, 'events'), { recursive: true });
    writeFileSync(join(profile, 'mapping.yaml'), 'name: own\nversion: "1"\nextends: ccc-2.0-current\nwaits: { idle: 1h }\n');
    const setup = listed(`  - url: ${HERE}\n    name: crm\n    profile: ${profile}\n`);
    const { exit, said } = await check(setup);
    expect([exit, said]).toEqual([78, expect.stringContaining(`profile ${profile}: it decides otherwise`)]);
    expect(said).toContain('the wait idle');
    // What a setting says for all is no difference.
    expect(await check({ ...setup, args: ['--idle', '12h'] })).toEqual({ exit: 0, said: '' });
    writeFileSync(join(profile, 'events', 'AgentReady.yaml'), 'event: AgentReady\nto: null\n');
    expect((await check({ ...setup, args: ['--idle', '12h'] })).said).toContain('only one of them drops AgentReady');
  });
});
