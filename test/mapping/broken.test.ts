import { describe, expect, it } from 'vitest';
import { compileMapping } from '../../src/mapping/compile.ts';
import { MappingError, renderIssue } from '../../src/mapping/issue.ts';
import type { Layer } from '../../src/mapping/source.ts';
import { readMappingFolder } from '../../src/source/mapping-folder.ts';

const [base] = (await readMappingFolder('ccc-2.0')) as [Layer];
const PREFIX = 'mappings/ccc-2.0/';

/** A change of one file of ccc-2.0: `find` becomes `put`; without `find` the file is written anew; without `put` it is removed. */
interface Change {
  readonly file: string;
  readonly find?: string;
  readonly put?: string;
}

function changed({ file, find, put }: Change): Layer {
  const layer = new Map(base);
  const path = PREFIX + file;
  if (put === undefined) layer.delete(path);
  else if (find === undefined) layer.set(path, put);
  else {
    const text = layer.get(path) ?? '';
    expect(text).toContain(find);
    layer.set(path, text.replace(find, put));
  }
  return layer;
}

function issuesOf(...layers: readonly Layer[]): readonly string[] {
  try {
    compileMapping(layers, { hash: () => 'hash', name: 'test' });
  } catch (error) {
    if (error instanceof MappingError) return error.issues.map((issue) => renderIssue(issue).replaceAll(PREFIX, ''));
    throw error;
  }
  return [];
}

const release = 'events/CallReleased.yaml';
const assign = 'events/AssignAgent.yaml';
const head = 'mapping.yaml';
const targets = 'targets.yaml';

const BROKEN: readonly { readonly name: string; readonly change: Change; readonly issues: readonly string[] }[] = [
  {
    name: 'a misspelt step',
    change: { file: release, find: '- copy:', put: '- cpoy:' },
    issues: [`${release}:8:5: unknown step "cpoy"; did you mean "copy"?`],
  },
  {
    name: 'a step of no kind',
    change: { file: release, find: '- drop: [initiator]', put: '- initiator' },
    issues: [`${release}:10:5: a step is written as "kind: what"; steps: copy, rename, time, id, table, template, set, first, drop`],
  },
  {
    name: 'two steps in one',
    change: { file: release, find: '- copy: [releaseReason]', put: '- copy: [releaseReason]\n    drop: [initiator]' },
    issues: [`${release}:9:5: a step has one kind; "copy" and "drop" are two; put a "- " before each`],
  },
  {
    name: 'a misspelt 1.0 field',
    change: { file: release, find: '[releaseReason]', put: '[releaseReson]' },
    issues: [`${release}:8:12: unknown field "releaseReson" of CallReleased; did you mean "releaseReason"?`],
  },
  {
    name: 'a field that only another event has, in a shared list',
    change: { file: head, find: '- copy: [caller, callee, broker]', put: '- copy: [caller, callee, brokr]' },
    issues: [`${head}:36:30: unknown field "brokr" of any event that uses this list; did you mean "broker"?`],
  },
  {
    name: 'a misspelt 2.0 field',
    change: { file: assign, find: 'to: skillGroupId,', put: 'to: skillGropId,' },
    issues: [`${assign}:9:18: unknown target field "skillGropId" of AssignAgent; did you mean "skillGroupId"?`],
  },
  {
    name: 'two sources for one output field',
    change: { file: release, find: '- copy: [releaseReason]', put: '- copy: [releaseReason, agentId]' },
    issues: [`${release}:8:27: field "agentId" of CallReleased already comes from the step at mapping.yaml:40`],
  },
  {
    name: 'a field both used and dropped',
    change: { file: release, find: '[initiator]', put: '[initiator, caller]' },
    issues: [`${release}:10:23: field "caller" of CallReleased is dropped here and used at mapping.yaml:36`],
  },
  {
    name: 'a field dropped twice',
    change: { file: 'events/AgentBreak.yaml', find: '[breakReason]', put: '[breakReason, remark]' },
    issues: ['events/AgentBreak.yaml:7:25: unreachable step: field "remark" of AgentBreak is dropped already'],
  },
  {
    name: 'a field of nobody',
    change: { file: 'events/AgentBreak.yaml', find: '[breakReason]', put: '[breakReason, siteCode]' },
    issues: [
      'events/AgentBreak.yaml:7:25: unknown field "siteCode" of AgentBreak; known: eventTime, eventType, instanceId, agentId, skillGroupIds, result, remark, breakReason, breakCode; a field of your own platform is declared with "extra"',
    ],
  },
  {
    name: 'asIs of a field that the step does not take',
    change: { file: 'events/CDRReady.yaml', find: 'asIs: [skillGroupIds]', put: 'asIs: [skillGroups]' },
    issues: ['events/CDRReady.yaml:11:18: asIs names "skillGroups", which "from" does not; did you mean "skillGroupIds"?'],
  },
  {
    name: 'both id and table for one value',
    change: { file: 'events/BlindTransfer.yaml', find: 'to: originator, id: party', put: 'to: originator, id: party, table: call-type' },
    issues: ['events/BlindTransfer.yaml:10:13: rename: takes id or table, not both'],
  },
  {
    name: 'steps of a dropped event',
    change: { file: 'events/AgentACW.yaml', find: 'rule: AgentACW\n', put: '' },
    issues: ['events/AgentACW.yaml:5:1: unreachable steps: AgentACW is dropped; remove them, or give "to" or "rule"'],
  },
  {
    name: 'a misspelt rule',
    change: { file: release, find: 'rule: CallReleased', put: 'rule: CallRelease' },
    issues: [`${release}:5:7: rule: unknown value "CallRelease"; did you mean "CallReleased"?`],
  },
  {
    name: 'a rule of another event',
    change: { file: release, find: 'rule: CallReleased', put: 'rule: CallHeld' },
    issues: [`${release}:5:7: rule CallHeld is written for CallHeld, not for CallReleased`],
  },
  {
    name: 'a misspelt step list',
    change: { file: release, find: 'use: [event, call, leg]', put: 'use: [event, call, lag]' },
    issues: [`${release}:6:20: unknown step list "lag"; did you mean "leg"?`],
  },
  {
    name: 'an unused step list',
    change: { file: head, find: '  agentCall:', put: '  spare:\n    - copy: [caller]\n\n  agentCall:' },
    issues: [`${head}:49:3: step list "spare" is used by no event`],
  },
  {
    name: 'a target that does not exist',
    change: { file: release, find: 'to: Released', put: 'to: Relesed' },
    issues: [`${release}:4:5: targets.yaml has no event "Relesed"; did you mean "Released"?`],
  },
  {
    name: 'a missing target of a rule',
    change: { file: targets, find: '  AgentDialing: { form: agentCall }\n', put: '' },
    issues: ['events/AgentRinging.yaml:5:7: rule AgentRinging can make AgentDialing, which targets.yaml does not have'],
  },
  {
    name: 'an unknown key',
    change: { file: release, find: 'steps:', put: 'step:' },
    issues: [`${release}:7:1: unknown key "step"; did you mean "steps"?`],
  },
  {
    name: 'a missing key',
    change: { file: release, find: 'to: Released\n', put: '' },
    issues: [`${release}:3:1: to is missing`],
  },
  {
    name: 'an event in a file of another name',
    change: { file: release, find: 'event: CallReleased', put: 'event: CallHeld' },
    issues: [
      `${release}:3:8: event "CallHeld" stands in a file named CallReleased.yaml; name the file CallHeld.yaml, or write event: CallReleased`,
      expect.stringContaining(`${release}:5:7: rule CallReleased is written for CallReleased, not for CallHeld`),
      expect.stringContaining('unknown field "releaseReason" of CallHeld'),
      expect.stringContaining('unknown field "initiator" of CallHeld'),
    ],
  },
  {
    name: 'a misspelt event file',
    change: { file: 'events/AgentTlak.yaml', put: 'event: AgentTlak\nto: null\n' },
    issues: ['events/AgentTlak.yaml:1:8: unknown 1.0 event "AgentTlak"; did you mean "AgentTalk"?'],
  },
  {
    name: 'a missing event',
    change: { file: 'events/AgentTalk.yaml' },
    issues: [`${head}:1:1: no file for the 1.0 event AgentTalk; add events/AgentTalk.yaml; "to: null" drops it by decision`],
  },
  {
    name: 'an unknown table',
    change: { file: 'events/CallAbandoned.yaml', find: 'name: abandon-phase', put: 'name: abandon-phases' },
    issues: [
      'events/CallAbandoned.yaml:6:20: unknown table "abandon-phases"; did you mean "abandon-phase"?',
      'tables/abandon-phase.yaml:1:1: table "abandon-phase" is used by no step and no fill',
    ],
  },
  {
    name: 'a table value that is no text',
    change: { file: 'tables/call-type.yaml', find: 'Inbound: INBOUND', put: 'Inbound: 1' },
    issues: ['tables/call-type.yaml:2:10: Inbound: expected string, got 1; put it in quotes: "1"'],
  },
  {
    name: 'a stray file',
    change: { file: 'event/Dialing.yaml', put: 'event: Dialing\n' },
    issues: [
      'event/Dialing.yaml:1:1: not a file of a mapping: mapping.yaml, targets.yaml, events/*.yaml, tables/*.yaml, examples/*.yaml; did you mean "events"?',
    ],
  },
  {
    name: 'a policy that does not exist',
    change: { file: head, find: 'unknownId: keep', put: 'unknownId: kepe' },
    issues: [`${head}:9:14: policies.unknownId: unknown value "kepe"; did you mean "keep"?`],
  },
  {
    name: 'a policy of another name',
    change: { file: head, find: 'unknownId: keep', put: 'unknownIds: keep' },
    issues: [`${head}:9:3: unknown key "unknownIds" in policies; did you mean "unknownId"?`],
  },
  {
    name: 'a contactId template without its slot',
    change: { file: head, find: '"{contactId}"', put: '"job-{contactid}"' },
    issues: [`${head}:13:14: policies.contactId: must contain {contactId} once, as in "job-{contactId}"`],
  },
  {
    name: 'a wait without a unit',
    change: { file: head, find: 'hold: 3s', put: 'hold: "3"' },
    issues: [`${head}:18:9: waits.hold: is no time span; write it with a unit, as in 5s or 24h`],
  },
  {
    name: 'a version that is a number',
    change: { file: head, find: 'version: "1.0.0"', put: 'version: 1.0' },
    issues: [`${head}:3:10: version: expected string, got 1; put it in quotes: "1"`],
  },
  {
    name: 'a misspelt 2.0 event',
    change: { file: targets, find: '  Intercept:', put: '  Intercpt:' },
    issues: [expect.stringMatching(/^targets.yaml:\d+:3: unknown 2.0 event "Intercpt"; did you mean "Intercept"\?$/)],
  },
  {
    name: 'a misspelt form',
    change: { file: targets, find: 'InitiateConsultant: { form: consultant }', put: 'InitiateConsultant: { form: consultent }' },
    issues: [expect.stringMatching(/^targets.yaml:\d+:31: unknown form "consultent"; did you mean "consultant"\?$/)],
  },
  {
    name: 'a form that stands on itself',
    change: { file: targets, find: '  agent:\n    form: common', put: '  agent:\n    form: agentCall' },
    issues: expect.arrayContaining([
      expect.stringMatching(/^targets.yaml:\d+:11: form "agent(Call)?" stands on itself$/),
    ]) as readonly string[],
  },
  {
    name: 'a field twice in an order',
    change: {
      file: targets,
      find: 'AgentBreak: { form: agent, fields: [breakCode] }',
      put: 'AgentBreak: { form: agent, fields: [breakCode, agentId] }',
    },
    issues: [expect.stringMatching(/^targets.yaml:\d+:50: field "agentId" stands twice in AgentBreak$/)],
  },
  {
    name: 'a fill of which the context knows nothing',
    change: { file: targets, find: 'fills: { heldChannelId: missing }', put: 'fills: { agentId: { value: agntId } }' },
    issues: [expect.stringContaining('events.Held.fills.agentId: expected missing, first, null or {value, when, table}')],
  },
  {
    name: 'a fill of a field that the event does not have',
    change: { file: targets, find: 'fills: { heldChannelId: missing }', put: 'fills: { scenario: missing }' },
    issues: [expect.stringMatching(/^targets.yaml:\d+:80: fill "scenario" is no field of Held;/)],
  },
  {
    name: 'text that is no YAML',
    change: { file: release, find: 'use: [event, call, leg]', put: 'use: [event, call, leg' },
    issues: expect.arrayContaining([expect.stringContaining(`${release}:7:1: `)]) as readonly string[],
  },
  {
    name: 'aliases that multiply without bound',
    change: {
      file: 'tables/call-type.yaml',
      put: `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [${'*a, '.repeat(20)}]\nc: &c [${'*b, '.repeat(20)}]\nd: [${'*c, '.repeat(20)}]\n`,
    },
    issues: ['tables/call-type.yaml:1:1: Excessive alias count indicates a resource exhaustion attack'],
  },
  {
    name: 'an empty event file',
    change: { file: release, put: '' },
    issues: [`${release}:1:1: the file is empty`],
  },
];

describe('a broken mapping names path, line, column and what was meant', () => {
  it('the mapping that the table breaks has no issues itself', () => {
    expect(issuesOf(base)).toEqual([]);
  });

  it.each(BROKEN)('$name', ({ change, issues }) => {
    expect(issuesOf(changed(change))).toEqual(issues);
  });

  it('a folder without mapping.yaml', () => {
    expect(issuesOf(new Map([['x/events/Dialing.yaml', 'event: Dialing\nto: null\n']]))).toContain(
      'x/mapping.yaml:1:1: a mapping needs a mapping.yaml',
    );
  });

  it('lists all issues, in reading order, and exits with 78', () => {
    const layer = new Map(changed({ file: release, find: '- copy:', put: '- cpoy:' }));
    layer.set(`${PREFIX}tables/call-type.yaml`, 'Inbound: 1\n');
    const compile = (): unknown => compileMapping([layer], { hash: () => '', name: 'mine' });
    expect(compile).toThrow(
      /^mapping mine has 2 issues:\n {2}mappings\/ccc-2.0\/events\/CallReleased.yaml:8:5: .*\n {2}mappings\/ccc-2.0\/tables\/call-type.yaml:1:10: /,
    );
    expect(compile).toThrow(
      expect.objectContaining({ exit: 78, code: 'bad-mapping', place: 'mappings/ccc-2.0/events/CallReleased.yaml:8:5' }),
    );
  });
});
