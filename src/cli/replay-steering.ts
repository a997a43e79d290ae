import type { Server } from 'node:http';
import { createAdmin } from '../observe/admin.ts';
import type { Address } from '../observe/listen.ts';
import { listenOn } from '../observe/listen.ts';
import type { ReplayMetrics } from '../observe/replay-metrics.ts';
import { createReplayMetrics } from '../observe/replay-metrics.ts';
import type { ReplayControl, ReplayHooks, ReplayStatus } from '../replay/api.ts';
import type { Settings } from './config.ts';
import type { Io } from './output.ts';
import { formatSpeed, parseSpeed } from './replay-values.ts';
import { addressOf } from './shim-options.ts';

const FASTER = 2;

/** Steers a replay while it runs: by keys on a terminal, SIGUSR2, and the admin port where one is asked for. */
export interface Steering {
  readonly hooks: Pick<ReplayHooks, 'started' | 'attempt'>;
  /** How the replay is, for the metrics. */
  status(status: ReplayStatus): void;
  stop(): void;
}

/** Begins to listen; `tell` shows a line to whoever watches. Errors: those of a port that cannot be opened. */
export async function startSteering(settings: Settings, io: Io, version: string, tell: (line: string) => void): Promise<Steering> {
  let control: ReplayControl | undefined;
  let last: ReplayStatus | undefined;
  const metrics = createReplayMetrics({
    delivered: () => last?.counts.delivered ?? 0,
    failed: () => last?.counts.failed ?? 0,
    sent: () => last?.sent ?? 0,
    underWay: () => last?.underWay ?? 0,
    lag: () => last?.lag ?? 0,
    position: () => last?.position,
    speed: () => control?.speed ?? 0,
    isPaused: () => control?.isPaused === true,
  });
  const state = (): object => ({ paused: control?.isPaused === true, speed: formatSpeed(control?.speed ?? 0) });
  const pause = (isPaused: boolean): object => {
    if (isPaused) control?.pause();
    else control?.resume();
    tell(isPaused ? 'paused' : 'goes on');
    return state();
  };
  const setSpeed = (speed: number): object => {
    control?.setSpeed(speed);
    tell(`speed ${formatSpeed(speed)}`);
    return state();
  };
  const toggle = (): void => {
    if (control !== undefined) pause(!control.isPaused);
  };
  const server = await listen(settings, version, metrics, () => last, tell, {
    '/pause': () => pause(true),
    '/resume': () => pause(false),
    '/speed': (query) => {
      const speed = parseSpeed(query.get('speed') ?? '');
      return speed === undefined ? undefined : setSpeed(speed);
    },
  });
  const byKey = (key: string): void => {
    if (control === undefined) return;
    if (key === ' ' || key === 'p') toggle();
    if (key === '+' && Number.isFinite(control.speed)) setSpeed(control.speed * FASTER);
    if (key === '-' && Number.isFinite(control.speed)) setSpeed(control.speed / FASTER);
  };
  let release = (): void => {};
  return {
    hooks: {
      started(steered) {
        control = steered;
        io.onPause?.(toggle);
        release = io.onKey?.(byKey) ?? release;
      },
      attempt: ({ outcome }, seconds, events) => metrics.attempt(outcome, seconds, events),
    },
    status(status) {
      last = status;
    },
    stop() {
      release();
      server?.close();
      server?.closeAllConnections();
    },
  };
}

/** The admin port; none unless somebody set one: several replays may run beside a shim. */
async function listen(
  settings: Settings,
  version: string,
  metrics: ReplayMetrics,
  last: () => ReplayStatus | undefined,
  tell: (line: string) => void,
  actions: Readonly<Record<string, (query: URLSearchParams) => object | undefined>>,
): Promise<Server | undefined> {
  if (settings.list.find(({ option }) => option.name === 'admin')?.source === 'default') return undefined;
  const troubles = (): string[] => {
    const state = last()?.state ?? 'closed';
    return state === 'closed' ? [] : [`the target does not take events (${state})`];
  };
  const server = createAdmin({ version, metrics, troubles, actions });
  tell(`admin on ${formatAddress(await listenOn(server, addressOf(settings, 'admin')))}`);
  return server;
}

function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
