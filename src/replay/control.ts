import type { ReplayControl } from './api.ts';
import type { Pace } from './pace.ts';
import type { Waits } from './waits.ts';

/** Steers a replay: its schedule, and the sender that follows it. */
export function createControl(pace: Pace, sender: { hold(isHeld: boolean): void }, waits: Waits): ReplayControl {
  return {
    pause() {
      pace.pause(performance.now());
      sender.hold(true);
    },
    resume() {
      pace.resume(performance.now());
      sender.hold(false);
      waits.wake();
    },
    get isPaused() {
      return pace.isPaused;
    },
    setSpeed(speed) {
      pace.setSpeed(speed, performance.now());
      waits.wake();
    },
    get speed() {
      return pace.speed;
    },
  };
}
