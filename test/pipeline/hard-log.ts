import fc from 'fast-check';
import type { IdTable } from '../../src/event/ids.ts';
import { streamOf, timeOf } from '../property/streams.ts';

/** A log as hard as can be: losses, so that agents leave calls unseen; repeats; far too late; broken; 2.0 among 1.0; ids in every spelling. */
export function hardLog(options: { readonly seed: string; readonly late: readonly number[]; readonly without: readonly string[] }): {
  readonly lines: readonly string[];
  readonly ids: IdTable;
} {
  const { seed, late, without } = options;
  const { lines, ids } = streamOf({ seed, calls: 14, open: 7, agents: 8, jitter: 3000, duplicates: 0.1, loss: 0.05, without });
  const arrivals = lines.map((line, index) => ({ line, at: timeOf(line) + (late[index % late.length] ?? 0) }));
  const moved = arrivals.sort((a, b) => a.at - b.at).map(({ line }) => line);
  return { lines: moved.flatMap(withOddities), ids };
}

function withOddities(line: string, index: number): string[] {
  const agent = /"agentId":"([^"]+)"/.exec(line)?.[1];
  const time = line.slice(14, 38);
  switch (index % 23) {
    case 3:
      return [line, '{"broken', ''];
    case 7:
      return [line, `{"EventType":"Nonsense","EventTime":"${time}","agentId":"${agent ?? 'x'}"}`];
    case 11:
      return [line.replace(/"contactId":"(\d+)"/, '"contactId":$1')];
    case 13:
      return [line.replace(/"contactId":"(\d)(\d+)"/, (_, first, rest) => `"contactId":"\\u003${first}${rest}"`)];
    case 17:
      return agent === undefined ? [line] : [line, `{"EventTime":"${time}","EventType":"AgentReady","agentId":"${agent}"}`];
    case 19:
      return [line, current(time, agent, line)];
    default:
      return [line];
  }
}

/** Logs of {@link hardLog}. */
export const logs = fc.record({
  seed: fc.constantFrom('a', 'b', 'c', 'd'),
  late: fc.array(fc.constantFrom(0, 0, 0, 0, 4000, 9000, 40_000, 200_000), { minLength: 1, maxLength: 13 }),
  without: fc.constantFrom([], ['CallReleased'], ['CallReleased', 'AgentACW'], ['Ringing', 'AssignAgent'], ['AgentReady']),
});
/** Settings of a run that change what becomes of them. */
export const settings = fc.record({
  lanes: fc.integer({ min: 2, max: 5 }),
  checkpointEvery: fc.constantFrom(2048, 8192, 1 << 20),
  lateness: fc.constantFrom(0, 500, 5000),
  hold: fc.constantFrom(200, 3000, 30_000),
});

/** A 2.0 event of the same call. */
function current(time: string, agent: string | undefined, line: string): string {
  const contact = /"contactId":"?(\d+)/.exec(line)?.[1] ?? '1';
  return `{"eventTime":"${time}","eventType":"AgentRelease","agentId":"${agent ?? 'x@y'}","contactId":"${contact}","channelId":"c-1"}`;
}
