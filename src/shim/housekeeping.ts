/** What is done in a shim's state when nobody asks for it. */
export interface House {
  /** False while nothing may be done: the state is closed, or the disk is full. */
  isOpen(): boolean;
  /** Puts a checkpoint in the place of what was noted. */
  checkpoint(): void;
  /** Frees some of the room of what was delivered; true if there may be more. */
  wipe(): boolean;
  failed(error: unknown): void;
}

const EVERY = 30_000;
/** Between one part and the next: events that come in wait for each part. */
const PAUSE = 50;

/** Keeps house until it is stopped. */
export function keepHouse(house: House): { stop(): void } {
  let isStopped = false;
  let isWiping = false;
  const attempt = <T>(work: () => T): T | undefined => {
    if (isStopped || !house.isOpen()) return undefined;
    try {
      return work();
    } catch (error) {
      house.failed(error);
      return undefined;
    }
  };
  const wipe = (): void => {
    isWiping = attempt(house.wipe) === true;
    if (isWiping) setTimeout(wipe, PAUSE);
  };
  const keeping = setInterval(() => {
    attempt(house.checkpoint);
    if (!isWiping) wipe();
  }, EVERY);
  return {
    stop() {
      isStopped = true;
      clearInterval(keeping);
    },
  };
}
