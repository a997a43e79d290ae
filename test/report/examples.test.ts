import { describe, expect, it } from 'vitest';
import { exampleCases } from '../../src/mapping/examples.ts';
import { MappingError } from '../../src/mapping/issue.ts';
import { renderFailure, runExample, runExamples } from '../../src/report/examples.ts';
import { loadMapping, readMappingFolder } from '../../src/source/mapping-folder.ts';

const mapping = await loadMapping('ccc-2.0');

describe.each(['ccc-2.0', 'ccc-2.0-current'])('the examples of %s', (name) => {
  it('are what the translator does', async () => {
    const layers = await readMappingFolder(name);
    const results = runExamples(await loadMapping(name), exampleCases(layers.at(-1) ?? new Map()));
    expect(results.filter((result) => !result.passed).map(renderFailure)).toEqual([]);
  });
});

const files = (text: string, shared = ''): ReadonlyMap<string, string> =>
  new Map([
    ['m/mapping.yaml', ''],
    ...(shared === '' ? [] : [['m/examples/shared.yaml', shared] as const]),
    ['m/examples/AgentBreak.yaml', text],
  ]);

const WHEN = '{ EventTime: 2021-03-11T04:00:00.000Z, EventType: AgentBreak, agentId: a@old, breakCode: "1", result: "0" }';

describe('an example', () => {
  it('that fails shows what was expected and what came', () => {
    const [example] = exampleCases(files(`cases:\n  - title: keeps the code\n    when: ${WHEN}\n    then: []\n    outcome: dropped\n`));
    const result = runExample(mapping, example as NonNullable<typeof example>);
    expect(result.passed).toBe(false);
    expect(renderFailure(result)).toBe(
      [
        'm/examples/AgentBreak.yaml:2: keeps the code',
        '  expected',
        '    (nothing)',
        '  got',
        '    {"eventTime":"2021-03-11T04:00:00.000Z","eventType":"AgentBreak","agentId":"a@old","breakCode":"1"}',
        '  outcome: expected dropped, got translated',
      ].join('\n'),
    );
  });

  it('fails when the fields come in another order', () => {
    const then = '{ eventType: AgentBreak, eventTime: 2021-03-11T04:00:00.000Z, agentId: a@old, breakCode: "1" }';
    const [example] = exampleCases(files(`cases:\n  - title: t\n    when: ${WHEN}\n    then:\n      - ${then}\n`));
    expect(runExample(mapping, example as NonNullable<typeof example>).passed).toBe(false);
  });

  it('may name events and ids of shared.yaml, and its own before those', () => {
    const shared = `ids: { agent: { a@old: x@acme } }\nevents:\n  break: ${WHEN}\n`;
    const own = `ids: { agent: { a@old: y@acme } }\ncases:\n  - { title: t, when: break, then: [] }\n`;
    expect(exampleCases(files('cases:\n  - { title: t, given: [break], when: break, then: [] }\n', shared))[0]).toMatchObject({
      ids: [{ kind: 'agent', legacy: 'a@old', current: 'x@acme' }],
      given: [{ EventType: 'AgentBreak' }],
      when: { EventType: 'AgentBreak' },
    });
    expect(exampleCases(files(own, shared))[0]?.ids).toEqual([{ kind: 'agent', legacy: 'a@old', current: 'y@acme' }]);
  });

  it.each([
    [
      'an unknown event',
      'cases:\n  - { title: t, when: brake, then: [] }\n',
      'm/examples/AgentBreak.yaml:2:23: unknown event "brake"; did you mean "break"?',
    ],
    [
      'an unknown key',
      'cases:\n  - { title: t, whn: break, then: [] }\n',
      'm/examples/AgentBreak.yaml:2:17: unknown key "whn" in cases[0]; did you mean "when"?',
    ],
    [
      'a misspelt kind of id',
      'ids: { agnt: { a: b } }\ncases: []\n',
      'm/examples/AgentBreak.yaml:1:6: ids.agnt["a"]: unknown kind "agnt"; did you mean "agent"?',
    ],
    [
      'an event of another file',
      'cases:\n  - { title: t, when: { EventType: AgentReady }, then: [] }\n',
      'm/examples/AgentBreak.yaml:2:23: an example of AgentReady stands in AgentBreak.yaml; move it to examples/AgentReady.yaml',
    ],
  ])('with %s is refused', (_name, text, issue) => {
    const read = (): unknown => exampleCases(files(text, `events:\n  break: ${WHEN}\n`));
    expect(read).toThrow(MappingError);
    expect(read).toThrow(issue);
  });
});
