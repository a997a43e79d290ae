import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { LEGACY_EVENTS, RULE_NAMES } from '../../src/event/names.ts';
import { canonicalKey } from '../../src/event/slots.ts';
import { exampleCases } from '../../src/mapping/examples.ts';
import type { Mapping } from '../../src/mapping/model.ts';
import { LEGACY_FIELDS, RULE_EVENTS } from '../../src/mapping/vocabulary.ts';
import { loadMapping, readMappingFolder } from '../../src/source/mapping-folder.ts';

interface FieldNote {
  readonly level?: string;
  readonly source?: string;
  readonly inferred?: boolean;
}

interface EventNote {
  readonly fieldsDocumented: boolean;
  readonly fields: Readonly<Record<string, FieldNote>>;
}

interface Reference {
  readonly commonFields: Readonly<Record<string, unknown>>;
  readonly events: Readonly<Record<string, EventNote>>;
  readonly 'legacy1.0': { readonly events: Readonly<Record<string, { readonly fields: Readonly<Record<string, unknown>> }>> };
}

// The vendor's field tables lie beside the repository, not in it: without them these tests skip, and say so.
const REFERENCE = fileURLToPath(new URL('../../../shared/reference/ccc-events.json', import.meta.url));
const reference = existsSync(REFERENCE) ? (JSON.parse(readFileSync(REFERENCE, 'utf8')) as Reference) : undefined;
const skipped = reference === undefined ? ` (SKIPPED: ${REFERENCE} is not there)` : '';

const PROFILES = ['ccc-2.0', 'ccc-2.0-current'];
const loaded = new Map<string, Mapping>();
const profile = (name: string): Mapping => loaded.get(name) as Mapping;

beforeAll(async () => {
  for (const name of PROFILES) loaded.set(name, await loadMapping(name));
});

describe.each(PROFILES)('profile %s', (name) => {
  it('compiles without issues and maps all 25 events', () => {
    expect([...profile(name).events.keys()].sort()).toEqual([...LEGACY_EVENTS].sort());
  });

  it('names each rule for the events that it is written for', () => {
    const rules = [...profile(name).events.values()].flatMap(({ event, rule }) => (rule === undefined ? [] : [{ event, rule }]));
    expect(new Set(rules.map((each) => each.rule))).toEqual(new Set(RULE_NAMES));
    for (const { event, rule } of rules) expect(RULE_EVENTS[rule]).toContain(event);
  });

  it('has its parsed examples', async () => {
    const layers = await readMappingFolder(name);
    expect(exampleCases(layers.at(-1) ?? new Map()).length).toBeGreaterThan(0);
  });

  it.skipIf(reference === undefined)(`speaks of every documented field of every 1.0 event${skipped}`, () => {
    for (const [event, { fields }] of Object.entries(reference?.['legacy1.0'].events ?? {})) {
      const known = profile(name).events.get(event)?.known ?? new Set();
      expect([
        event,
        Object.keys(fields)
          .map(canonicalKey)
          .filter((field) => !known.has(field)),
      ]).toEqual([event, []]);
    }
  });
});

describe('the vocabulary', () => {
  it.skipIf(reference === undefined)(`lists the fields of the vendor's 1.0 tables${skipped}`, () => {
    const documented = Object.entries(reference?.['legacy1.0'].events ?? {}).map(([event, { fields }]) => [
      event,
      Object.keys(fields).map(canonicalKey).sort(),
    ]);
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(Object.entries(LEGACY_FIELDS).map(([event, fields]) => [event, [...fields].sort()])),
    );
  });
});

describe('field orders', () => {
  const common = Object.keys(reference?.commonFields ?? {});
  const documented = Object.entries(reference?.events ?? {}).filter(([, event]) => event.fieldsDocumented);
  const order = (event: EventNote, keep: (field: FieldNote) => boolean): string[] => [
    ...common,
    ...Object.entries(event.fields).flatMap(([name, field]) => (keep(field) ? [name] : [])),
  ];
  const is2021 = (field: FieldNote): boolean =>
    field.level !== 'call-common-current' && field.inferred !== true && (field.source ?? '').split(',').includes('S2');

  it.skipIf(reference === undefined)(`of ccc-2.0 are those of the 2021 tables${skipped}`, () => {
    // AgentRingingTimeout and VnRecordingReady are younger than the page.
    const on2021 = documented.filter(([name]) => name !== 'AgentRingingTimeout' && name !== 'VnRecordingReady');
    for (const [name, event] of on2021) expect([name, profile('ccc-2.0').targets.get(name)?.fields]).toEqual([name, order(event, is2021)]);
  });

  it.skipIf(reference === undefined)(`of ccc-2.0-current are those of all the tables${skipped}`, () => {
    for (const [name, event] of documented)
      expect([name, profile('ccc-2.0-current').targets.get(name)?.fields]).toEqual([name, order(event, () => true)]);
  });

  it('of RingingTimeout, which no page prints, is that of AssignAgent', () => {
    const { targets } = profile('ccc-2.0');
    expect(targets.get('RingingTimeout')?.fields).toEqual(targets.get('AssignAgent')?.fields);
  });
});

describe('decisions of the profiles', () => {
  const field = (name: string, event: string, to: string): unknown =>
    profile(name)
      .events.get(event)
      ?.fields.find((rule) => rule.to === to);

  it('takes the leg of TextStream from connectId and drops the audio track', () => {
    expect(field('ccc-2.0', 'TextStream', 'channelId')).toMatchObject({ from: ['connectId'], op: { op: 'copy' } });
    expect(profile('ccc-2.0').events.get('TextStream')?.dropped).toContain('channelId');
  });

  it('drops the initiator of CallReleased in ccc-2.0 and keeps it as releaseInitiator in ccc-2.0-current', () => {
    expect(profile('ccc-2.0').events.get('CallReleased')?.dropped).toContain('initiator');
    expect(field('ccc-2.0-current', 'CallReleased', 'releaseInitiator')).toMatchObject({
      from: ['initiator'],
      op: { op: 'id', kind: 'party' },
    });
  });

  it('makes RingingTimeout an agent event in ccc-2.0-current only', () => {
    expect(profile('ccc-2.0').events.get('RingingTimeout')?.to).toBe('RingingTimeout');
    const current = profile('ccc-2.0-current');
    expect(current.events.get('RingingTimeout')?.to).toBe('AgentRingingTimeout');
    expect([...(current.events.get('RingingTimeout')?.dropped ?? [])]).toEqual(expect.arrayContaining(['caller', 'callee', 'broker']));
    expect(current.targets.get('AgentRingingTimeout')?.closed).toBe(true);
  });

  it('leaves group names of older records as they are', () => {
    expect(field('ccc-2.0', 'CDRReady', 'skillGroupIds')).toMatchObject({
      from: ['skillGroupIds', 'skillGroupId'],
      asIs: ['skillGroupIds'],
    });
  });

  it('never fills agent and group of a leg', () => {
    for (const name of ['Dialing', 'Ringing', 'Established', 'Released', 'Held', 'Retrieved', 'Route2IVR', 'Enqueue']) {
      const fills = profile('ccc-2.0').targets.get(name)?.fills ?? new Map();
      expect([name, fills.has('agentId'), fills.has('skillGroupId')]).toEqual([name, false, false]);
    }
  });

  it('fills the scenario on AgentRinging, AgentTalk and Ringing, nowhere else', () => {
    const withScenario = [...profile('ccc-2.0').targets.values()]
      .filter((target) => target.fills.has('scenario'))
      .map((target) => target.name);
    expect(withScenario.sort()).toEqual(['AgentRinging', 'AgentTalk', 'Ringing']);
  });

  it('writes mediaType on call and agent-call events of ccc-2.0-current, and never in ccc-2.0', () => {
    const media = (name: string): string[] =>
      [...profile(name).targets.values()].filter((each) => each.constants.has('mediaType')).map((each) => each.name);
    expect(media('ccc-2.0')).toEqual([]);
    expect(media('ccc-2.0-current')).toEqual(expect.arrayContaining(['Dialing', 'AgentTalk', 'StopConsultant', 'AgentRingingTimeout']));
    for (const name of ['CDRReady', 'RecordingReady', 'AgentReady', 'TextStream']) expect(media('ccc-2.0-current')).not.toContain(name);
  });

  it('every 1.0 event has an example in ccc-2.0', async () => {
    const [base] = await readMappingFolder('ccc-2.0');
    const titles = new Set(exampleCases(base ?? new Map()).map((each) => each.path.split('/').at(-1)));
    for (const event of LEGACY_EVENTS) expect(titles).toContain(`${event}.yaml`);
  });
});
