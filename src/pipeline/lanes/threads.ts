import { Worker } from 'node:worker_threads';
import { EXIT } from '../../errors.ts';
import type { LaneNews, StartLane } from './messages.ts';

/** Starts a lane in a thread of its own. */
export const startThread: StartLane = (start, hear) => {
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: start,
    name: `lane ${start.index}`,
    // Half of what a thread would take for what is young: there are several.
    resourceLimits: { maxYoungGenerationSizeMb: 32 },
  });
  let isOver = false;
  const fail = (message: string, stack: string | undefined): void => {
    if (isOver) return;
    isOver = true;
    hear({ kind: 'failed', error: { code: undefined, message, exit: EXIT.internal, place: undefined, hint: undefined, stack } });
  };
  worker.on('message', (news: LaneNews) => {
    if (news.kind !== 'piece') isOver = true;
    hear(news);
  });
  worker.on('error', (error) => fail(error.message, error.stack));
  worker.on('exit', (code) => fail(`a lane ended by itself with ${code}`, undefined));
  return {
    order: (order) => worker.postMessage(order, order.kind === 'taken' ? [...order.reuse] : []),
    async stop() {
      isOver = true;
      await worker.terminate();
    },
  };
};
