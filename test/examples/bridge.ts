import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../support/example.ts';

/** A message as the bridge knows it. */
export interface Message {
  readonly id: string;
  readonly body: Buffer;
  readonly attempt?: number;
  readonly corrupted?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly error: string | undefined;
  readonly after: number | undefined;
  readonly rejected: number;
}

export interface Result {
  readonly outcome: 'taken' | 'buried' | 'repeated' | 'left' | 'corrupted';
  readonly after?: number;
}

export type Forward = (message: Message) => Promise<Result>;
type Log = (text: string, fields?: object) => void;
type Post = (body: Buffer | string) => Promise<Answer>;
type Bury = (message: Message, answer: Answer) => Promise<void>;

interface ForwardPorts {
  readonly post: Post;
  readonly acknowledge: (message: Message) => Promise<void>;
  readonly bury: Bury;
  readonly log: Log;
}

interface PumpPorts {
  readonly receive: () => Promise<readonly Message[]>;
  readonly forward: Forward;
  readonly probe: () => Promise<boolean>;
  readonly pause: (time: number) => Promise<void>;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

interface Modules {
  readonly forward: { decide(answer: Answer | undefined): string; createForward(ports: ForwardPorts): Forward };
  readonly pump: { pump(ports: PumpPorts): Promise<void>; lanesOf(messages: readonly Message[]): readonly (readonly Message[])[] };
  readonly shim: { createShim(options: { url: string; token?: string; deadline: number }): { post: Post; probe(): Promise<boolean> } };
  readonly letters: { createLetters(path: string): Bury };
  readonly settings: { readSettings(env: Readonly<Record<string, string>>): unknown };
}

/** A module of the bridge: plain JavaScript, whose types are the ones above. */
export async function bridge<N extends keyof Modules>(name: N): Promise<Modules[N]> {
  const url = pathToFileURL(join(ROOT, `examples/deploy/rocketmq-bridge/${name}.mjs`));
  return (await import(url.href)) as Modules[N];
}
