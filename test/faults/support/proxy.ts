import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../bench/generate/random.ts';

/** A delivery that came whole: it has arrived, whatever the answer was. */
export interface Delivery {
  readonly id: string;
  readonly text: string;
  /** Which run of the sender it came from, see {@link FaultProxy.run}. */
  readonly run: number;
  /** It was answered 2xx: its sender could know. */
  isAnswered: boolean;
}

/** An endpoint behind a bad network. */
export interface FaultProxy {
  readonly url: string;
  /** All that has arrived, in order. */
  readonly deliveries: readonly Delivery[];
  /** Faults from now on, or none. */
  calm: boolean;
  /** Counted up by who starts the sender again. */
  run: number;
  /** How often each fault was shown. */
  readonly shown: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** What is done to a request. */
type Fault = (response: ServerResponse, arrive: () => Delivery, random: Random) => Promise<void> | void;

const FAULTS: Readonly<Record<string, Fault>> = {
  'reset before it arrives': (response) => void response.destroy(),
  'reset after it arrived': (response, arrive) => {
    arrive();
    response.destroy();
  },
  'half a head': (response, arrive) => {
    arrive();
    response.socket?.end('HTTP/1.1 20');
  },
  'half a body': (response, arrive) => {
    arrive().isAnswered = true;
    response.writeHead(200, { 'content-length': 100 });
    response.write('half');
    setTimeout(() => response.destroy(), 5);
  },
  delay: async (response, arrive, random) => {
    await sleep(random.int(1, 60));
    arrive().isAnswered = true;
    response.writeHead(204).end();
  },
  drip: async (response, arrive) => {
    arrive().isAnswered = true;
    response.writeHead(200);
    for (let part = 0; part < 4; part += 1) {
      response.write('.');
      await sleep(10);
    }
    response.end();
  },
  'no answer': (_response, arrive) => void arrive(),
  '500': (response) => void response.writeHead(500).end(),
  '503, again at once': (response) => void response.writeHead(503, { 'retry-after': '0' }).end(),
  '429': (response) => void response.writeHead(429, { 'retry-after': '0' }).end(),
};

/** Share of the requests that meet a fault. */
const FAULTY = 0.12;

/** Starts an endpoint that shows faults by chance, to a share of the requests; the same seed shows the same ones to the same requests. */
export async function startProxy(random: Random, faulty: number = FAULTY): Promise<FaultProxy> {
  const deliveries: Delivery[] = [];
  const shown = new Map<string, number>();
  const names = Object.keys(FAULTS);
  const proxy = { deliveries, shown, calm: false, run: 0 };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { run } = proxy;
    const arrive = (): Delivery => {
      const text = Buffer.concat(chunks).toString('utf8');
      const delivery = { id: String(request.headers['webhook-id']), text, run, isAnswered: false };
      deliveries.push(delivery);
      return delivery;
    };
    if (proxy.calm || !random.chance(faulty)) {
      arrive().isAnswered = true;
      response.writeHead(200).end();
      return;
    }
    const name = random.pick(names);
    shown.set(name, (shown.get(name) ?? 0) + 1);
    await FAULTS[name]?.(response, arrive, random);
  };
  // A sender that is killed breaks its request off: it has not arrived.
  const server = createServer((request, response) => void handle(request, response).catch(() => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return Object.assign(proxy, { url: `http://127.0.0.1:${port}/in`, close });
}
