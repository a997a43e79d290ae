/** Unix time in milliseconds that never goes back, and runs on while the system's clock is set. */
export function createClock(): () => number {
  const started = Date.now() - performance.now();
  let last = 0;
  return () => {
    last = Math.max(last, Math.floor(started + performance.now()));
    return last;
  };
}
