import type { LookupAddress } from 'node:dns';
import type { Server } from 'node:net';
import { connect, createServer, isIPv6 } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resolveSettings } from '../../src/cli/config.ts';
import { endpointsOf } from '../../src/cli/endpoints.ts';
import type { Attempt, Target } from '../../src/deliver/client.ts';
import { createClient } from '../../src/deliver/client.ts';
import type { AllowedNet, Resolver } from '../../src/deliver/guard.ts';
import { guardedLookup, hostRefusal, meansLoopback, parseNet, refusal } from '../../src/deliver/guard.ts';
import type { UpcastError } from '../../src/errors.ts';
import { NO_ADDRESSES, OPEN, REFUSED } from './addresses.ts';
import { response } from './raw-server.ts';

/** Addresses of this machine that were connected to. */
const reached: string[] = [];
const servers: Server[] = [];
let port = 0;

/** Everything that leads to this machine, under whatever address, ends here and is counted; each answer ends its connection. */
beforeAll(async () => {
  port = await listen('0.0.0.0', 0);
  // Without IPv6 there is nothing to be reached by it.
  await listen('::', port).catch(() => {});
});
afterAll(() => {
  for (const server of servers) server.close();
});
beforeEach(() => {
  reached.length = 0;
});

function listen(host: string, wanted: number): Promise<number> {
  const server = createServer((socket) => {
    reached.push(socket.localAddress ?? '');
    socket.on('error', () => {});
    socket.once('data', () => socket.end(response(200, { connection: 'close' })));
  });
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: wanted, ipv6Only: host === '::' }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function nets(...texts: readonly string[]): readonly AllowedNet[] {
  return texts.map((text) => parseNet(text) as AllowedNet);
}

/** The URL as the endpoint parser takes it, or what it says against it. */
function parse(url: string, { allowed = [], insecure = false }: { allowed?: readonly string[]; insecure?: boolean } = {}): string {
  const settings = resolveSettings({ forward: url, ...(insecure ? { insecure: true } : {}) }, {});
  try {
    return endpointsOf(settings, nets(...allowed))[0]?.url.hostname ?? '';
  } catch (error) {
    const { message, hint } = error as UpcastError;
    return `${message} (${hint})`;
  }
}

function answers(...addresses: readonly string[]): LookupAddress[] {
  return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
}

/** A resolver that gives each list of addresses once and the last one for ever, and how often it was asked. */
function resolver(...rounds: readonly (readonly string[])[]): { readonly resolve: Resolver; asked: number } {
  const state = {
    asked: 0,
    resolve: ((_name, _options, callback) => {
      const round = rounds[Math.min(state.asked, rounds.length - 1)] ?? [];
      state.asked += 1;
      process.nextTick(callback, null, answers(...round));
    }) as Resolver,
  };
  return state;
}

function target(host: string, allowed: readonly string[] = []): Target {
  const url = new URL(`http://${host}:${port}/in`);
  return { url, headers: {}, keys: [], concurrency: 2, deadline: 5_000, ca: undefined, allowed: nets(...allowed) };
}

/** So many attempts, one after the other, by one client. */
async function send(to: Target, resolve?: Resolver, times = 1): Promise<readonly Attempt[]> {
  const client = createClient(to, resolve);
  const attempts: Attempt[] = [];
  for (let at = 0; at < times; at += 1) attempts.push(await client.send(`event-${at}`, Buffer.from('{}'), 0));
  await client.close();
  return attempts;
}

async function sendTo(name: string, address: readonly string[], allowed: readonly string[] = []): Promise<string | undefined> {
  const [attempt] = await send(target(name, allowed), resolver(address).resolve);
  return attempt?.detail;
}

const hosts = REFUSED.flatMap(({ address, reason, hosts: all }) => all.map((host) => ({ host, address, reason })));
const meant = hosts.filter(({ reason }) => reason === 'loopback');
const others = hosts.filter(({ reason }) => reason !== 'loopback');

describe('the table of addresses', () => {
  it('has every kind of special address in every spelling', () => {
    expect(hosts.length).toBeGreaterThan(600);
    expect(new Set(hosts.map(({ host }) => host)).size).toBe(hosts.length);
  });

  it.each(REFUSED)('$address: each of its hosts is this very address', ({ address, hosts: all }) => {
    const own = isIPv6(address) ? `[${address}]` : address;
    expect(all.map((host) => new URL(`https://${host}/`).hostname)).toEqual(all.map(() => own));
  });
});

describe('a URL with an address in it', () => {
  it.each(others)('$host ($reason) is not taken as an endpoint', ({ host, reason }) => {
    const refused = `is a ${reason} address`;
    expect(parse(`https://${host}/events`)).toContain(refused);
    expect(parse(`https://${host}:8443/events`)).toContain(refused);
    expect(parse(`http://${host}/events`, { insecure: true })).toContain(refused);
  });

  it.each(meant)('$host is this machine, and meant', ({ host, address }) => {
    const own = isIPv6(address) ? `[${address}]` : address;
    expect(parse(`http://${host}:9000/events`)).toBe(own);
    expect(parse(`https://${host}/events`)).toBe(own);
  });

  it.each(OPEN)('%s is public and taken, over https', (address) => {
    const host = isIPv6(address) ? `[${address}]` : address;
    expect(parse(`https://${host}/events`)).toBe(host);
    expect(parse(`http://${host}/events`)).toContain('plain http');
  });

  it.each(REFUSED.filter(({ reason }) => reason !== 'loopback'))(
    '$address is opened by what the refusal proposes, and only so',
    ({ address, hosts: all }) => {
      const [host = ''] = all;
      const proposed = /--allow-net (\S+)\)$/.exec(parse(`https://${host}/events`))?.[1] ?? '';
      expect(proposed).toBe(`${address}/${isIPv6(address) ? 128 : 32}`);
      expect(parse(`https://${host}/events`, { allowed: [proposed] })).toBe(host);
      expect(parse(`http://${host}/events`, { allowed: [proposed] })).toContain('plain http');
    },
  );

  it.each([
    '127.0.0.256',
    '1.2.3.4.5',
    '0x100000000',
    '[::1',
    '[::ffff:127.0.0.1%25lo]',
    '[fe80::1%25eth0]',
    '[127.0.0.1]',
    '[::127.1]',
    '',
  ])('"%s" is no host at all', (host) => {
    expect(parse(`https://${host}/`)).toContain('expected an http or https URL');
  });

  it('that is wrong all the same is not connected to, should it ever get past the parser', async () => {
    // The first four would reach this machine.
    for (const host of ['0.0.0.0', '[::]', '[::ffff:127.0.0.1]', '[::ffff:0.0.0.0]', '10.0.0.1', '169.254.169.254', '[fd00:ec2::254]'])
      expect(await send(target(host)), host).toEqual([
        { outcome: 'unreachable', status: undefined, wait: undefined, detail: 'EADDRREFUSED' },
      ]);
    expect(reached).toEqual([]);
  });

  it('is not looked up, so nobody can answer for it', async () => {
    const names = resolver(['127.0.0.9']);
    expect(await send(target('127.0.0.1'), names.resolve)).toMatchObject([{ outcome: 'delivered' }]);
    expect({ reached, asked: names.asked }).toEqual({ reached: ['127.0.0.1'], asked: 0 });
  });
});

describe('this machine, if it is meant', () => {
  it.each(['localhost', 'LOCALHOST', 'LocalHost'])('%s may be reached, plain http included', async (name) => {
    expect(parse(`http://${name}/events`)).toBe('localhost');
    expect(await sendTo(name, ['127.0.0.1'])).toBe('200');
    expect(reached).toEqual(['127.0.0.1']);
  });

  it.each(['127.0.0.1', '127.1.2.3', '0x7f.1'])('%s may be reached', async (host) => {
    expect(await send(target(host))).toMatchObject([{ outcome: 'delivered' }]);
    expect(reached).toHaveLength(1);
  });

  it.each(['localhost.', 'a.localhost', 'localhost.localdomain', 'ip6-localhost', 'xlocalhost', 'localhost.evil.example'])(
    '%s is a name like any other',
    async (name) => {
      expect(meansLoopback(name)).toBe(false);
      expect(parse(`http://${name}/events`)).toContain('plain http');
      expect(await sendTo(name, ['127.0.0.1', '::1'])).toBe('EADDRREFUSED');
      expect(reached).toEqual([]);
    },
  );

  it.each(['10.0.0.1', '169.254.169.254', '0.0.0.0', '::', '::ffff:127.0.0.1', '::127.0.0.1'])(
    'localhost does not lead to %s',
    async (address) => {
      expect(await sendTo('localhost', [address])).toBe('EADDRREFUSED');
      expect(reached).toEqual([]);
    },
  );
});

describe('a name', () => {
  it.each(REFUSED)('that leads to $address ($reason) is not connected to', async ({ address, reason }) => {
    expect(refusal(address, [])).toBe(reason);
    expect(await sendTo('sink.example', [address])).toBe('EADDRREFUSED');
    expect(reached).toEqual([]);
  });

  it.each(REFUSED.filter(({ address }) => isIPv6(address)).flatMap(({ reason, hosts: all }) => all.map((host) => ({ reason, host }))))(
    'that leads to $host is refused however the resolver spells it',
    ({ reason, host }) => {
      expect(refusal(host.slice(1, -1), [])).toBe(reason);
    },
  );

  it.each(NO_ADDRESSES)('that leads to "%s" is not connected to', async (address) => {
    expect(refusal(address, nets('0.0.0.0/0', '::/0'))).toBe('invalid');
    expect(await sendTo('sink.example', [address])).toBe('EADDRREFUSED');
    expect(reached).toEqual([]);
  });

  it.each(['fe80::1%eth0', 'fe80::1%1', '::1%lo'])(
    'that leads to %s is not connected to: a zone does not hide an address',
    async (address) => {
      expect(await sendTo('sink.example', [address])).toBe('EADDRREFUSED');
      expect(reached).toEqual([]);
    },
  );

  it.each(OPEN)('that leads to %s is let through', async (address) => {
    expect(await lookUp(resolver([address]).resolve)).toEqual([address]);
  });

  it('with no address at all is an error that says so', async () => {
    await expect(lookUp(resolver([]).resolve)).rejects.toThrow('sink.example has no address');
  });

  it('that does not exist is told as the resolver told it', async () => {
    const missing: Resolver = (_name, _options, callback) => callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []);
    expect(await send(target('sink.example'), missing)).toMatchObject([{ outcome: 'unreachable', detail: 'ENOTFOUND' }]);
  });

  it('that is refused is told with its name and the reason, never the address', async () => {
    await expect(lookUp(resolver(['10.1.2.3', '::1', '10.3.2.1']).resolve)).rejects.toThrow(/^sink\.example leads to: private, loopback$/);
  });

  it('is looked up with the family and the hints that the connection asks for', async () => {
    const seen: unknown[] = [];
    const resolve: Resolver = (_name, options, callback) => {
      seen.push(options);
      callback(null, answers('8.8.8.8'));
    };
    await new Promise((done) => guardedLookup([], resolve)('sink.example', { family: 4, hints: 1 }, done));
    expect(seen).toEqual([{ family: 4, hints: 1, all: true }]);
  });

  it('gives one address to who asks for one, and it is an open one', async () => {
    const { resolve } = resolver(['127.0.0.1', '8.8.8.8', '9.9.9.9']);
    const given = await new Promise((done) => guardedLookup([], resolve)('sink.example', {}, (...all) => done(all)));
    expect(given).toEqual([null, '8.8.8.8', 4]);
  });
});

describe('a name with several addresses', () => {
  it('is connected to under those that are open only, in their order', async () => {
    const { resolve } = resolver(['10.0.0.1', '8.8.8.8', '::1', '2606:4700::1', '169.254.169.254', '9.9.9.9']);
    expect(await lookUp(resolve)).toEqual(['8.8.8.8', '2606:4700::1', '9.9.9.9']);
  });

  it('never reaches a refused one, wherever it stands among the open ones', async () => {
    // 127.0.0.2 stands for a public address: it is the only one that is opened.
    const orders = [
      ['127.0.0.1', '127.0.0.2', '::1'],
      ['127.0.0.2', '127.0.0.1'],
      ['::1', '127.0.0.3', '127.0.0.2'],
      ['0.0.0.0', '::', '127.0.0.2', '::ffff:127.0.0.2'],
    ];
    for (const order of orders) expect(await sendTo('sink.example', order, ['127.0.0.2/32']), order.join()).toBe('200');
    expect(reached).toEqual(orders.map(() => '127.0.0.2'));
  });

  it('does not fall back to a refused one when the open one does not answer', async () => {
    // Somebody listens on the refused address and nobody on the open one.
    const refusedOne = createServer();
    await new Promise<void>((done) => refusedOne.listen(0, '127.0.0.3', done));
    const { port: own } = refusedOne.address() as { port: number };
    const to = { ...target('sink.example', ['127.0.0.2/32']), url: new URL(`http://sink.example:${own}/`) };
    const made: string[] = [];
    refusedOne.on('connection', (socket) => made.push(socket.localAddress ?? ''));
    const [attempt] = await send(to, resolver(['127.0.0.2', '127.0.0.3']).resolve);
    await new Promise((done) => refusedOne.close(done));
    expect(attempt?.outcome).toBe('unreachable');
    expect(made).toEqual([]);
  });
});

describe('a name that changes its answer', () => {
  it('public at first, then this machine: what was public before counts for nothing', async () => {
    const { resolve } = resolver(['8.8.8.8'], ['127.0.0.1'], ['::1']);
    const lookup = () => lookUp(resolve);
    expect(await lookup()).toEqual(['8.8.8.8']);
    await expect(lookup()).rejects.toMatchObject({ code: 'EADDRREFUSED' });
    await expect(lookup()).rejects.toMatchObject({ code: 'EADDRREFUSED' });
  });

  it('is judged anew for each connection of one client', async () => {
    const names = resolver(['127.0.0.2'], ['127.0.0.1'], ['::1'], ['0.0.0.0'], ['::ffff:127.0.0.1']);
    const attempts = await send(target('rebind.example', ['127.0.0.2/32']), names.resolve, 6);
    expect(attempts.map(({ detail }) => detail)).toEqual(['200', ...Array(5).fill('EADDRREFUSED')]);
    expect(reached).toEqual(['127.0.0.2']);
    expect(names.asked).toBe(6);
  });

  it('to and fro reaches the open address each time and the refused one never', async () => {
    const rounds = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? ['127.0.0.2'] : ['127.0.0.1', '::1']));
    const attempts = await send(target('rebind.example', ['127.0.0.2/32']), resolver(...rounds).resolve, rounds.length);
    expect(attempts.map(({ detail }) => detail)).toEqual(rounds.map((_, at) => (at % 2 === 0 ? '200' : 'EADDRREFUSED')));
    expect(reached).toEqual(Array(10).fill('127.0.0.2'));
  });

  it('is asked once for a connection: the answer that was checked is the one that is used', async () => {
    const names = resolver(['127.0.0.2'], ['127.0.0.1']);
    await new Promise<void>((done, fail) => {
      const socket = connect({ host: 'rebind.example', port, lookup: guardedLookup(nets('127.0.0.2/32'), names.resolve) });
      // The other end closes once it has got something: then it has counted the connection.
      socket
        .on('error', fail)
        .on('connect', () => socket.write('x'))
        .on('close', () => done())
        .resume();
    });
    expect({ reached, asked: names.asked }).toEqual({ reached: ['127.0.0.2'], asked: 1 });
  });
});

describe('--allow-net', () => {
  it('opens the way that is refused without it: the counter counts', async () => {
    const here = ['127.0.0.1', '127.1.2.3', '0.0.0.0'];
    for (const address of here) expect(await sendTo('sink.example', [address], ['127.0.0.0/8', '0.0.0.0/8']), address).toBe('200');
    expect(reached).toHaveLength(here.length);
  });

  it.each([
    {
      net: '10.0.0.0/8',
      opens: ['10.0.0.0', '10.255.255.255'],
      not: ['172.16.0.1', '192.168.0.1', '127.0.0.1', '::ffff:10.0.0.1', '::10.0.0.1'],
    },
    { net: '192.168.7.0/24', opens: ['192.168.7.0', '192.168.7.255'], not: ['192.168.6.255', '192.168.8.0', '64:ff9b::c0a8:701'] },
    { net: '127.0.0.2/32', opens: ['127.0.0.2'], not: ['127.0.0.1', '127.0.0.3', '::1', '::ffff:127.0.0.2', '2002:7f00:2::'] },
    { net: '169.254.0.0/16', opens: ['169.254.169.254'], not: ['fe80::a9fe:a9fe', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254'] },
    { net: '100.64.0.0/10', opens: ['100.64.0.1', '100.127.255.255'], not: ['10.64.0.1', '198.18.0.1'] },
    { net: 'fd00::/8', opens: ['fd00:ec2::254', 'fdff::1'], not: ['fc00::1', 'fe80::1', '::1', '10.0.0.1'] },
    { net: '::1/128', opens: ['::1', '0:0:0:0:0:0:0:1'], not: ['::', '::2', '127.0.0.1', '::ffff:127.0.0.1'] },
    { net: '::ffff:10.0.0.0/104', opens: ['::ffff:10.0.0.1', '::ffff:a00:1'], not: ['10.0.0.1', '::10.0.0.1', '::ffff:11.0.0.1'] },
    { net: '::10.0.0.0/104', opens: ['::10.0.0.1', '::a00:1'], not: ['10.0.0.1', '::ffff:10.0.0.1'] },
    { net: '64:ff9b::/96', opens: ['64:ff9b::8.8.8.8'], not: ['64:ff9b:1::1', '64:ff9b:0:1::1'] },
    { net: '0.0.0.0/0', opens: ['10.0.0.1', '255.255.255.255', '168.63.129.16'], not: ['::1', 'fc00::1', '::ffff:10.0.0.1'] },
    { net: '::/0', opens: ['::1', 'ff02::1', '::ffff:10.0.0.1'], not: ['10.0.0.1', '127.0.0.1'] },
  ])('$net opens what it says and nothing else', ({ net, opens, not }) => {
    const allowed = nets(net);
    expect(opens.map((address) => refusal(address, []))).not.toContain(undefined);
    expect(opens.map((address) => refusal(address, allowed))).toEqual(opens.map(() => undefined));
    expect(not.map((address) => refusal(address, allowed))).not.toContain(undefined);
  });

  it('closes nothing that is open without it', () => {
    expect(OPEN.map((address) => refusal(address, nets('10.0.0.0/8', 'fd00::/8')))).toEqual(OPEN.map(() => undefined));
  });

  it('opens several networks at once', () => {
    const allowed = nets('10.0.0.0/8', 'fd00::/8', '127.0.0.2/32');
    expect(['10.1.1.1', 'fd00::1', '127.0.0.2'].map((address) => refusal(address, allowed))).toEqual([undefined, undefined, undefined]);
    expect(hostRefusal('[fd00::1]', allowed)).toBeUndefined();
    expect(hostRefusal('192.168.0.1', allowed)).toBe('private');
  });

  it.each([
    '',
    '/',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/8x',
    '10.0.0.0/ 8',
    '::1/129',
    'localhost/8',
    // Spellings that two readers take for two networks.
    '10/8',
    '10.1/16',
    '010.0.0.0/8',
    '0x0a.0.0.0/8',
    '167772160/8',
  ])('"%s" is no network', (text) => {
    expect(parseNet(text)).toBeUndefined();
  });
});

/** The addresses that a connection would be given. */
function lookUp(resolve: Resolver): Promise<readonly string[]> {
  return new Promise((done, fail) => {
    guardedLookup([], resolve)('sink.example', { all: true }, (error, found) => {
      if (error !== null) fail(error);
      else done(Array.isArray(found) ? found.map(({ address }) => address) : []);
    });
  });
}
