import { runLane } from '../../../src/pipeline/lanes/lane.ts';
import type { LaneHandle, LaneOrder, StartLane } from '../../../src/pipeline/lanes/messages.ts';

/** What stands between a run and its lanes: true for an order that gets through. */
export type Wire = (lane: number, order: LaneOrder) => boolean;

/**
 * Starts lanes in this thread. What they are given and tell is cloned, as between threads. Who stops a lane waits until it has come to rest,
 * like a thread that has ended.
 */
export function sameThread(wire: Wire = () => true): StartLane {
  return (start, hear): LaneHandle => {
    const orders: LaneOrder[] = [];
    let wake: (() => void) | undefined;
    let isStopped = false;
    const gone = new Error('the lane was stopped');
    const next = async (): Promise<LaneOrder> => {
      // Another task, as between threads: never the same turn of the loop.
      await new Promise(setImmediate);
      while (orders.length === 0) {
        if (isStopped) throw gone;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (isStopped) throw gone;
      return orders.shift() as LaneOrder;
    };
    const running = runLane(structuredClone(start), {
      tell: (news, transfer = []) => {
        const cloned = structuredClone(news, { transfer: [...transfer] });
        if (!isStopped) setImmediate(() => hear(cloned));
      },
      next,
    });
    return {
      order(order) {
        if (!wire(start.index, order)) return;
        orders.push(structuredClone(order, { transfer: order.kind === 'taken' ? [...order.reuse] : [] }));
        wake?.();
      },
      async stop() {
        isStopped = true;
        wake?.();
        await running;
      },
    };
  };
}
