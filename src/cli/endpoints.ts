import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { DeliveryHeader } from '../deliver/client.ts';
import { DELIVERY_HEADERS } from '../deliver/client.ts';
import type { AllowedNet } from '../deliver/guard.ts';
import { hostRefusal, literalOf, meansLoopback } from '../deliver/guard.ts';
import type { SigningKey } from '../deliver/signature.ts';
import { parseKey } from '../deliver/signature.ts';
import { EXIT, UpcastError } from '../errors.ts';
import { parseDuration } from '../mapping/duration.ts';
import type { EndpointOptions } from '../shim/options.ts';
import type { Settings } from './config.ts';
import { parseCount } from './units.ts';

const text = z.string().min(1);

/** One endpoint as the config file has it; what it leaves out comes from the settings for all. */
const ENDPOINT = z.strictObject({
  name: text.optional(),
  url: text,
  headers: z.record(z.string(), z.string()).optional(),
  'header-names': z.record(z.string(), z.string()).optional(),
  keys: z.array(text).optional(),
  concurrency: text.optional(),
  deadline: text.optional(),
  batch: text.optional(),
  rate: text.optional(),
  types: z.array(text).optional(),
  profile: text.optional(),
  'ca-file': text.optional(),
});

type Endpoint = z.infer<typeof ENDPOINT>;

const MOST_BATCH = 1_000;

/** RFC 9110, sections 5.1 and 5.5. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that belong to the delivery. */
const OWN_HEADERS =
  /^(?:host|content-length|content-type|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer|webhook-.*|idempotency-key)$/i;

/** The endpoints of a shim: those of `--forward` and those of the config file. Errors: configuration (78), usage (2) for a flag. */
export function endpointsOf(settings: Settings, allowed: readonly AllowedNet[]): readonly EndpointOptions[] {
  const flags = (settings.get('forward') ?? []).map((url): Endpoint => ({ url }));
  const fail = (message: string, hint?: string): UpcastError =>
    settings.endpoints === undefined
      ? settings.error('forward', `forward: ${message}`, hint)
      : new UpcastError({ code: 'bad-config', exit: EXIT.config, message: `endpoints: ${message}`, place: settings.endpoints.place, hint });
  const all = [...flags, ...listed(settings, fail)].map((endpoint) => optionsOf(endpoint, settings, allowed, fail));
  if (all.length === 0) throw fail('nowhere to send events to', 'name an endpoint: --forward https://new.example/events');
  const names = new Set<string>();
  for (const { name } of all) {
    if (names.has(name)) throw fail(`two endpoints have the name "${name}"`, 'give each a name of its own');
    names.add(name);
  }
  return all;
}

/** The endpoint of `--dual`. */
export function dualOf(settings: Settings, allowed: readonly AllowedNet[]): EndpointOptions | undefined {
  const url = settings.get('dual');
  if (url === undefined) return undefined;
  const fail: Fail = (message, hint) => settings.error('dual', `dual: ${message}`, hint);
  const made = optionsOf({ url }, settings, allowed, fail);
  return { ...made, name: `dual ${made.name}` };
}

/** The endpoint of `--to`: a URL, or the name of one of the config file; undefined: it is neither. */
export function endpointOf(settings: Settings, to: string, allowed: readonly AllowedNet[]): EndpointOptions | undefined {
  const fail: Fail = (message, hint) => settings.error('to', `to: ${message}`, hint);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(to)) return optionsOf({ url: to }, settings, allowed, fail);
  const named = listed(settings, fail).find(({ name }) => name === to);
  return named === undefined ? undefined : optionsOf(named, settings, allowed, fail);
}

type Fail = (message: string, hint?: string) => UpcastError;

function listed(settings: Settings, fail: Fail): readonly Endpoint[] {
  if (settings.endpoints === undefined) return [];
  const parsed = z.array(ENDPOINT).safeParse(settings.endpoints.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail(
    `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`,
    'each has a url, and may have name, headers, header-names, keys, concurrency, deadline, batch, rate, types, profile, ca-file',
  );
}

function optionsOf(endpoint: Endpoint, settings: Settings, allowed: readonly AllowedNet[], fail: Fail): EndpointOptions {
  const url = urlOf(endpoint.url, settings.on('insecure'), allowed, fail);
  const concurrency = endpoint.concurrency === undefined ? settings.need('concurrency') : parseCount(endpoint.concurrency);
  const deadline = endpoint.deadline === undefined ? settings.need('deadline') : parseDuration(endpoint.deadline);
  if (concurrency === undefined || concurrency < 1) throw fail('concurrency: expected a whole number from 1');
  if (deadline === undefined || deadline < 1) throw fail('deadline: expected a time with its unit', 'such as 30s');
  const batch = endpoint.batch === undefined ? 1 : parseCount(endpoint.batch);
  if (batch === undefined || batch < 1 || batch > MOST_BATCH) throw fail(`batch: expected a whole number from 1 to ${MOST_BATCH}`);
  const rate = endpoint.rate === undefined ? undefined : parseCount(endpoint.rate);
  if (endpoint.rate !== undefined && (rate === undefined || rate < 1))
    throw fail('rate: expected requests a second, a whole number from 1');
  const headers = endpoint.headers ?? {};
  const own = Object.keys(headers).find((name) => OWN_HEADERS.test(name));
  if (own !== undefined) throw fail(`the header "${own}" is set by the delivery itself`);
  const odd = Object.entries(headers).find(([name, value]) => !HEADER_NAME.test(name) || !HEADER_VALUE.test(value));
  if (odd !== undefined) throw fail(`the header ${JSON.stringify(odd[0])} cannot be sent`, 'a name has no blanks, a value no line breaks');
  return {
    name: endpoint.name ?? `${url.host}${url.pathname}`,
    url,
    headers,
    headerNames: headerNamesOf(endpoint, fail),
    keys: endpoint.keys === undefined ? commonKeys(settings) : keysOf(endpoint.keys, fail),
    concurrency,
    deadline,
    batch,
    rate,
    types: endpoint.types,
    profile: endpoint.profile,
    ca: endpoint['ca-file'] === undefined ? undefined : readCa(endpoint['ca-file'], fail),
    allowed,
  };
}

/** Other names for the headers of a delivery; `none`: it is not sent. */
function headerNamesOf({ headers = {}, 'header-names': given = {} }: Endpoint, fail: Fail): NonNullable<EndpointOptions['headerNames']> {
  const names: { [header in DeliveryHeader]?: string | null } = {};
  const used = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  for (const [header, text] of Object.entries(given)) {
    const known = DELIVERY_HEADERS.find((each) => each === header);
    if (known === undefined) throw fail(`header-names: "${header}" is no header of a delivery`, `they are ${DELIVERY_HEADERS.join(', ')}`);
    const name = text.toLowerCase();
    if (name === 'none') names[known] = null;
    else if (!HEADER_NAME.test(name) || (OWN_HEADERS.test(name) && !DELIVERY_HEADERS.some((each) => each === name)))
      throw fail(`header-names: ${JSON.stringify(text)} cannot be the name of ${header}`, 'such as x-event-id, or none to leave it out');
    else names[known] = name;
  }
  for (const header of DELIVERY_HEADERS) {
    const name = names[header] === undefined ? header : names[header];
    if (name !== null && used.has(name)) throw fail(`header-names: two headers have the name "${name}"`);
    if (name !== null) used.add(name);
  }
  return names;
}

function urlOf(given: string, isInsecure: boolean, allowed: readonly AllowedNet[], fail: Fail): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw fail('expected an http or https URL', 'such as https://new.example/events');
  if (url.username !== '' || url.password !== '') throw fail('a URL must not hold a password', 'use headers or keys of the config file');
  if (url.protocol === 'http:' && !meansLoopback(url.hostname) && !isInsecure)
    throw fail(`plain http to ${url.hostname} can be read by others`, 'use https, or say --insecure');
  const refused = hostRefusal(url.hostname, allowed);
  if (refused !== undefined)
    throw fail(`${url.hostname} is a ${refused} address`, `open it if it is meant: --allow-net ${netOf(url.hostname)}`);
  return url;
}

/** The network that holds one address and no other. */
function netOf(hostname: string): string {
  const literal = literalOf(hostname) ?? hostname;
  return `${literal}/${literal.includes(':') ? 128 : 32}`;
}

/** Keys of all endpoints that have none of their own. */
function commonKeys(settings: Settings): readonly SigningKey[] {
  return keysOf(settings.get('forward-keys') ?? [], (message, hint) => settings.error('forward-keys', `forward-keys: ${message}`, hint));
}

/** Keys by their texts, which no error shows. */
export function keysOf(texts: readonly string[], fail: Fail): readonly SigningKey[] {
  return texts.map((each) => {
    const key = parseKey(each);
    if (key === undefined) throw fail('a key is not understood', 'a key is whsec_ and base64 of 24 to 64 bytes');
    return key;
  });
}

function readCa(path: string, fail: Fail): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw fail(`cannot read the certificates ${path}`);
  }
}
