import type { Server, Socket } from 'node:net';
import { BlockList, isIP } from 'node:net';

/** Events that each sender may send a second, with a second's worth at once. */
export interface ClientRate {
  /** Takes `count` events of a sender; returns 0, or how long the sender has to wait (milliseconds): then nothing was taken. */
  take(address: string, count: number, now: number): number;
  /** How many senders are remembered. */
  readonly size: number;
}

/** Senders that are remembered at most. */
export const MOST_CLIENTS = 10_000;

/**
 * A token bucket for each sender's address. As long as anything is in it a request is taken whole, however many events it has: what is
 * taken too much has to come back first. `now`: monotonic milliseconds.
 */
export function createClientRate(perSecond: number): ClientRate {
  /** How much is in each bucket, and since when. */
  const buckets = new Map<string, { level: number; at: number }>();
  const levelAt = ({ level, at }: { level: number; at: number }, now: number): number =>
    Math.min(perSecond, level + ((now - at) * perSecond) / 1000);
  /** Makes room. Who was heard last stands last, so the walk ends soon; where too many owe something, the first of them gets away with it. */
  const forgetQuiet = (now: number): void => {
    for (const [address, bucket] of buckets) {
      if (buckets.size < MOST_CLIENTS && levelAt(bucket, now) < perSecond) return;
      buckets.delete(address);
    }
  };
  return {
    take(address, count, now) {
      const bucket = buckets.get(address);
      const level = bucket === undefined ? perSecond : levelAt(bucket, now);
      // One event must be there as a whole.
      const least = Math.min(1, perSecond);
      if (level < least) return Math.ceil(((least - level) * 1000) / perSecond);
      if (bucket === undefined) forgetQuiet(now);
      else buckets.delete(address);
      buckets.set(address, { level: level - count, at: now });
      return 0;
    },
    get size() {
      return buckets.size;
    },
  };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** The connections of a server, also those that its `closeAllConnections` does not know: no TLS was agreed on yet. */
export function connectionsOf(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

/** True for a sender on the same machine: a proxy there holds many connections for others. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Closes connections of an address that holds `most` already, and tells of each. Those of exempt addresses are not counted. */
export function limitConnections(
  server: Server,
  most: number,
  onRefused: () => void,
  isExempt: (address: string) => boolean = isLoopback,
): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (isExempt(address)) return;
    const held = counts.get(address) ?? 0;
    if (held >= most) {
      onRefused();
      socket.destroy();
      return;
    }
    counts.set(address, held + 1);
    socket.once('close', () => {
      const left = (counts.get(address) ?? 1) - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
  });
}
