import { statfsSync } from 'node:fs';
import type { Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { createClient } from '../deliver/client.ts';
import { LIVE_SCHEDULE } from '../deliver/schedule.ts';
import { UpcastError } from '../errors.ts';
import { toldName } from '../event/told-name.ts';
import { createAdmin } from '../observe/admin.ts';
import type { Address } from '../observe/listen.ts';
import { listenOn } from '../observe/listen.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { createMetrics } from '../observe/metrics.ts';
import type { PendingDelivery } from '../store/outbox.ts';
import { openSqlite } from '../store/sqlite.ts';
import { heldOf } from '../translate/account.ts';
import { createAuthenticator } from './auth.ts';
import { createCapture } from './capture.ts';
import { connectionsOf } from './clients.ts';
import { createClock } from './clock.ts';
import { createConsole } from './console.ts';
import { figuresOf, latestLetters } from './console-figures.ts';
import { controlPath, listenForControl } from './control.ts';
import { createCore } from './core.ts';
import type { Core, CoreOptions } from './core-api.ts';
import type { LetterDesk } from './desk.ts';
import { createDesk } from './desk.ts';
import { createForwarder } from './forwarder.ts';
import type { Forwarder } from './forwarder-api.ts';
import { createIntake } from './intake.ts';
import type { LetterOffice } from './letters.ts';
import { createLookout } from './lookout.ts';
import type { EndpointOptions, ShimOptions } from './options.ts';
import { checkTlsChange, secureContextOf } from './tls.ts';
import { warmUp } from './warm.ts';

/** A shim that runs. */
export interface Shim {
  /** Where it listens: the ports that the system chose where 0 was asked for. */
  readonly listen: Address;
  readonly admin: Address;
  /** Takes nothing more in, ends what is under way and gives the state free. */
  stop(): Promise<void>;
  /**
   * Goes on with another mapping, id table, certificates and names of them, and with other profiles and types of the endpoints that it has;
   * sends again to endpoints that were paused or disabled. Errors: `needs-restart`.
   */
  reload(changed: Pick<ShimOptions, 'engine' | 'endpoints' | 'tls'>): void;
  /** Rejects when the shim cannot go on. */
  readonly broken: Promise<never>;
}

/** For requests and deliveries under way when it stops. */
const PATIENCE = 5_000;
/** A clock that is set back by less is as good as right; milliseconds. */
const WORTH_TELLING = 1_000;

/**
 * Starts the live shim: what is accepted is on disk, and goes on to every endpoint from there.
 * Errors: those of the state (73 to 76), and `cannot-listen` (73).
 */
export async function startShim(options: ShimOptions, log: Log): Promise<Shim> {
  const clock = createClock();
  const { now } = clock;
  let breakDown: (error: unknown) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    breakDown = reject;
  });
  // Whoever started it looks at it when it wants to.
  broken.catch(() => {});
  if (options.warmFrom !== undefined) {
    const { dupKeys } = options.limits;
    const { warmFrom: from, state, endpoints } = options;
    const warm = { from, state, engine: { ...options.engine, dupKeys }, endpoints, now: now() };
    log.info(warmUp(warm) ? 'took over the calls of a conversion' : 'the state is there already: nothing is taken over');
  }
  const lookout = createLookout({ ids: options.engine.ids, hold: options.engine.hold });
  const capture = options.capture === undefined ? undefined : createCapture(options.capture);
  const engineOf = (engine: ShimOptions['engine']): CoreOptions['engine'] => {
    const { maxLine, dupKeys } = options.limits;
    return { ...engine, maxLine, dupKeys, capture, lookout };
  };
  const core = createCore({
    open: () => openSqlite(options.state),
    engine: engineOf(options.engine),
    endpoints: options.endpoints,
    dual: options.dual?.name,
    maxOutbox: options.maxOutbox,
    minFree: options.minFree,
    free: () => freeAt(options.state),
    keep: options.keep,
    clock,
    onFatal(error) {
      log.error('the state cannot be written', { code: error instanceof UpcastError ? error.code : 'internal' });
      breakDown(error);
    },
    onClockBehind(behind) {
      if (behind < WORTH_TELLING) return;
      log.warn("the system's clock was set back: time goes on from where an earlier process was", { seconds: behind / 1000 });
    },
    onCaptureLost: (error) => log.error('what came in could not be captured', { code: codeOf(error) }),
    onRefusing: (refusal) =>
      refusal === undefined ? log.info('events are taken in again') : log.warn('events are not taken in', { code: refusal.code }),
  });
  const forwarders: Forwarder[] = [];
  const metrics = metricsOf(core, forwarders);
  const known = new Map(core.outbox.endpoints().map((row) => [row.name, row]));
  for (const endpoint of options.dual === undefined ? options.endpoints : [...options.endpoints, options.dual])
    forwarders.push(forwarderOf(endpoint, core, metrics, log, now, known.get(endpoint.name)?.disabled === true));
  core.onEvents(() => {
    for (const forwarder of forwarders) forwarder.wake();
  });
  const auth = createAuthenticator(options.auth);
  const intake = createIntake(core, auth, options.limits, metrics, options.tls);
  const senders = connectionsOf(intake);
  const desk = createDesk(officeOf(options, core, forwarders), now);
  const page = createConsole({
    version: options.version,
    lookout,
    figures: () => figuresOf(core, forwarders, now),
    letters: () => latestLetters(core.outbox),
    desk,
    token: options.adminToken,
  });
  const admin = createAdmin({ version: options.version, metrics, troubles: () => troublesOf(core, forwarders), pages: page.handle });
  try {
    const listen = await listenOn(intake, options.listen);
    const adminAt = await listenOn(admin, options.admin);
    log.info('listening', { address: `${listen.host}:${listen.port}` });
    log.info('admin', { address: `${adminAt.host}:${adminAt.port}` });
    const control = await openControl(options.state, desk, log);
    for (const forwarder of forwarders) forwarder.wake();
    return {
      listen,
      admin: adminAt,
      broken,
      reload({ engine, endpoints, tls }) {
        checkTlsChange(options.tls, tls);
        if (tls !== undefined && intake instanceof SecureServer) intake.setSecureContext(secureContextOf(tls));
        auth.rename(tls?.clientNames ?? []);
        lookout.rename(engine.ids);
        core.reload(engineOf(engine), endpoints);
        for (const forwarder of forwarders) forwarder.resume();
      },
      async stop() {
        log.info('stopping');
        const closed = closeServer(intake, senders);
        await Promise.all(forwarders.map((forwarder) => forwarder.stop(PATIENCE)));
        await closed;
        if (control !== undefined) await closeServer(control);
        // Before the state is closed, which it reads.
        page.close();
        await core.close();
        await closeServer(admin);
        log.info('stopped');
      },
    };
  } catch (error) {
    intake.close();
    admin.close();
    await core.close();
    throw error;
  }
}

/** The socket for the command line; the shim runs without it where it cannot be made. */
async function openControl(state: string, desk: LetterDesk, log: Log): Promise<Server | undefined> {
  const path = controlPath(state);
  try {
    if (path !== undefined) return await listenForControl(path, desk);
    log.warn('the path of the state is too long for a control socket');
  } catch (error) {
    log.warn('the control socket cannot be made', { code: codeOf(error) });
  }
  return undefined;
}

/** What dead letters are redriven with. */
function officeOf({ limits }: ShimOptions, core: Core, forwarders: readonly Forwarder[]): LetterOffice {
  const { maxLine, dupKeys } = limits;
  return {
    outbox: () => core.outbox,
    act: core.act,
    submit: core.submit,
    rewrite: core.rewrite,
    shapes: () => core.shapes,
    maxLine,
    dupKeys,
    again: (endpoint: number, delivery: PendingDelivery) =>
      forwarders.find(({ name }) => core.endpoint(name) === endpoint)?.again(delivery),
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';
}

function freeAt(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

function forwarderOf(endpoint: EndpointOptions, core: Core, metrics: Metrics, log: Log, now: () => number, disabled: boolean): Forwarder {
  const { name } = endpoint;
  return createForwarder({
    name,
    endpoint: core.endpoint(name),
    client: createClient(endpoint),
    concurrency: endpoint.concurrency,
    batch: endpoint.batch,
    rate: endpoint.rate,
    schedule: LIVE_SCHEDULE,
    outbox: () => core.outbox,
    change: core.change,
    now,
    random: Math.random,
    disabled,
    watch: {
      attempt: ({ outcome }, seconds, events) => metrics.attempt(name, outcome, seconds, events),
      state: (state, detail) => log.warn('endpoint', { endpoint: name, state, detail }),
      dead({ key, type }, code, detail) {
        metrics.dead(code);
        log.warn('an event was given up', { endpoint: name, event: key, type: toldName(type), code, detail });
      },
    },
  });
}

function metricsOf(core: Core, forwarders: readonly Forwarder[]): Metrics {
  return createMetrics({
    inputs: () => [...core.translator.books.input].map(([type, row]) => [type === '' ? '(no type)' : type, row.in] as const),
    *outputs() {
      for (const [type, { translated, synthesized }] of core.translator.books.output) {
        yield [type, 'translated', translated] as const;
        yield [type, 'synthesized', synthesized] as const;
      }
    },
    held: () => [...core.translator.books.input.values()].reduce((sum, row) => sum + heldOf(row), 0),
    openContacts: () => core.translator.unfinished(),
    waiting: () => forwarders.map(({ name }) => [name, core.outbox.waiting(core.endpoint(name))] as const),
    breakers: () => forwarders.map(({ name, state }) => [name, state] as const),
    checkpointAge: core.checkpointAge,
  });
}

/** An endpoint that is down is no trouble of the shim: it goes on taking events in for it. */
function troublesOf(core: Core, forwarders: readonly Forwarder[]): readonly string[] {
  const refusal = core.refusal();
  const disabled = forwarders.filter(({ state }) => state === 'disabled' || state === 'paused');
  const damaged = core.outbox.damagedCount();
  return [
    ...(refusal === undefined ? [] : [refusal.code]),
    ...disabled.map(({ name, state }) => `endpoint ${name} is ${state}`),
    // Of a disk that changes what is on it everybody should know, until somebody has seen to it.
    ...(damaged === 0 ? [] : [`${damaged} damaged events in the dead letters`]),
  ];
}

async function closeServer(server: Server, connections: ReadonlySet<Socket> = new Set()): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const slow = setTimeout(() => {
    server.closeAllConnections();
    for (const socket of connections) socket.destroy();
  }, PATIENCE);
  await closed;
  clearTimeout(slow);
}
