import { isIP } from 'node:net';
import type { AllowedNet } from '../deliver/guard.ts';
import { meansLoopback, parseNet } from '../deliver/guard.ts';
import { EXIT, UpcastError } from '../errors.ts';
import { createZone } from '../event/zone.ts';
import type { Address } from '../observe/listen.ts';
import { isGuarded } from '../shim/auth.ts';
import type { ShimOptions } from '../shim/options.ts';
import { loadMapping } from '../source/mapping-folder.ts';
import type { Settings } from './config.ts';
import { dualOf, endpointsOf, keysOf } from './endpoints.ts';
import { tlsOf } from './intake-options.ts';
import { checked, LIVE_HOLD, readIds } from './job.ts';
import type { OptionName } from './options.ts';
import { profilesOf } from './profiles.ts';

/** Bodies in memory at once, bytes. */
const MAX_IN_FLIGHT = 64 * 2 ** 20;

/** The shim that the settings describe: mapping and ids are read, all values checked, nothing is opened yet. */
export async function createShimOptions(settings: Settings, version: string): Promise<ShimOptions> {
  const state = settings.get('state');
  if (state === undefined)
    throw new UpcastError({
      code: 'usage',
      exit: EXIT.usage,
      message: 'no state',
      hint: 'say where events are kept until they are delivered: --state shim.db',
    });
  const timeZone = checked(settings, 'time-zone', settings.need('time-zone'), createZone);
  const allowed = netsOf(settings, 'allow-net');
  const endpoints = endpointsOf(settings, allowed);
  const dual = dualOf(settings, allowed);
  const tls = tlsOf(settings);
  const auth = {
    tokens: settings.get('intake-tokens') ?? [],
    keys: keysOf(settings.get('intake-keys') ?? [], (message, hint) => settings.error('intake-keys', `intake-keys: ${message}`, hint)),
    pathSecrets: settings.get('intake-path-secrets') ?? [],
    networks: netTextsOf(settings, 'intake-networks'),
    certificates: tls?.clientCa === undefined ? undefined : { names: tls.clientNames },
  };
  const listen = addressOf(settings, 'listen');
  if (!meansLoopback(listen.host) && !isGuarded(auth)) {
    throw new UpcastError({
      code: 'open-intake',
      exit: EXIT.config,
      message: `${listen.host}:${listen.port} can be reached by others, and nobody who sends is asked who he is`,
      hint: 'set CCC_UPCAST_INTAKE_TOKENS, or intake-keys, intake-path-secrets, intake-networks or intake-client-ca, or listen on 127.0.0.1',
    });
  }
  const mapping = await loadMapping(settings.need('mapping'));
  const ids = await readIds(settings.get('ids'));
  const profiles = await profilesOf(
    mapping,
    endpoints.map(({ profile }) => profile),
    // Live, the others do not matter: events come in the order in which they are taken, and wait by the shim's clock.
    (['idle', 'retention'] as const).filter((name) => settings.get(name) === undefined),
  );
  return {
    state,
    listen,
    admin: addressOf(settings, 'admin'),
    engine: {
      mapping,
      profiles,
      ids,
      timeZone,
      hold: settings.get('hold') ?? LIVE_HOLD,
      idle: settings.get('idle') ?? mapping.waits.idle,
      retention: settings.get('retention') ?? mapping.waits.retention,
    },
    limits: {
      maxBody: settings.need('max-body'),
      maxLine: Math.min(settings.need('max-line'), settings.need('max-body')),
      dupKeys: settings.get('dup-keys') === 'last' ? 'last' : 'refuse',
      maxConnections: settings.need('max-connections'),
      maxPerAddress: settings.need('max-connections-per-address'),
      maxRate: maxRateOf(settings),
      maxInFlight: MAX_IN_FLIGHT,
    },
    auth,
    tls,
    endpoints,
    dual,
    maxOutbox: settings.need('max-outbox'),
    minFree: settings.need('min-free'),
    keep: settings.need('keep'),
    capture: settings.get('capture'),
    warmFrom: settings.get('warm-from'),
    version,
    adminToken: settings.get('admin-token'),
  };
}

function maxRateOf(settings: Settings): number | undefined {
  const rate = settings.get('max-rate');
  if (rate === 0) throw settings.error('max-rate', 'max-rate: expected at least 1, got 0', 'leave it out for any number');
  return rate;
}

/** The address that a setting names. */
export function addressOf(settings: Settings, name: 'listen' | 'admin'): Address {
  const text = settings.need(name);
  const found = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw settings.error(name, `${name}: expected HOST:PORT, got ${JSON.stringify(text)}`, 'such as 127.0.0.1:8210 or [::1]:8210');
}

/** Networks that are opened on purpose. */
export function netsOf(settings: Settings, name: 'allow-net'): readonly AllowedNet[] {
  return (settings.get(name) ?? []).map((text) => {
    const net = parseNet(text);
    if (net === undefined) throw badNet(settings, name, text);
    return net;
  });
}

function netTextsOf(settings: Settings, name: 'intake-networks'): readonly string[] {
  const texts = settings.get(name) ?? [];
  for (const text of texts) if (parseNet(text) === undefined && isIP(text) === 0) throw badNet(settings, name, text);
  return texts;
}

function badNet(settings: Settings, name: OptionName, text: string): UpcastError {
  return settings.error(name, `${name}: expected a network, got ${JSON.stringify(text)}`, 'such as 10.0.0.0/8');
}
