import { parentPort, workerData } from 'node:worker_threads';
import { runLane } from './lane.ts';
import type { LaneLink, LaneOrder, LaneStart } from './messages.ts';

/** The entry of a thread that runs one lane. */

const port = parentPort;
if (port === null) throw new Error('a lane runs in a thread of its own');
await runLane(workerData as LaneStart, linkOver(port));
port.close();

function linkOver(over: NonNullable<typeof port>): LaneLink {
  const orders: LaneOrder[] = [];
  let waiting: ((order: LaneOrder) => void) | undefined;
  over.on('message', (order: LaneOrder) => {
    if (waiting === undefined) orders.push(order);
    else {
      waiting(order);
      waiting = undefined;
    }
  });
  return {
    tell: (news, transfer = []) => over.postMessage(news, [...transfer]),
    next: async () =>
      orders.shift() ??
      (await new Promise<LaneOrder>((resolve) => {
        waiting = resolve;
      })),
  };
}
