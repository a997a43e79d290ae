import type { Mounted } from './mount.ts';
import { cutPower } from './mount.ts';

/** A process that can be stopped. */
export interface Stoppable {
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<unknown>;
}

/** Stops a process, so that it has to begin again. */
export type Stop = (process_: Stoppable) => Promise<void>;

/** Takes the power from the disk that holds the state. */
export function cutOf(disk: Mounted): Stop {
  return async (process_) => {
    // Stopped first: what it acknowledges during the cut would be held against it.
    process_.kill('SIGSTOP');
    cutPower(disk.folder);
    process_.kill('SIGKILL');
    await process_.ended;
    disk.unmount();
    disk.mount();
  };
}

/** Ends a process in the middle of what it does. */
export const kill: Stop = async (process_) => {
  process_.kill('SIGKILL');
  await process_.ended;
};
