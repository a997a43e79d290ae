import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseIdTable } from '../../src/event/id-file.ts';
import { createIdTable } from '../../src/event/ids.ts';
import { translate } from '../support/stream.ts';
import { expectBalance, fieldsOf } from '../support/told.ts';

/**
 * Every scenario of the vendor's 2.0 page that 1.0 gives evidence for: `vendor/NAME.legacy.ndjson` in, `vendor/NAME.current.ndjson` out,
 * byte for byte. The outputs were written by hand from the meaning of the translation, not by the program.
 */
const SCENARIOS: Readonly<Record<string, { readonly vendor: string; readonly after?: string }>> = {
  'agent-shift': { vendor: 'agent-shift' },
  'agent-outbound': { vendor: 'agent-outbound' },
  'agent-outbound-agent-first': { vendor: 'agent-outbound' },
  'inbound-ivr': { vendor: 'inbound-ivr' },
  'agent-to-agent': { vendor: 'agent-to-agent' },
  'sip-phone-to-agent': { vendor: 'sip-phone-to-agent' },
  'sip-phone-to-customer': { vendor: 'sip-phone-to-customer' },
  'back-to-back': { vendor: 'back-to-back' },
  'hold-outbound': { vendor: 'hold-and-mute', after: 'agent-outbound' },
  'hold-inbound': { vendor: 'hold-and-mute', after: 'inbound-ivr' },
  'blind-transfer-outbound': { vendor: 'blind-transfer', after: 'agent-outbound' },
  'blind-transfer-inbound': { vendor: 'blind-transfer', after: 'inbound-ivr' },
  'attended-transfer-outbound': { vendor: 'attended-transfer', after: 'agent-outbound' },
  'attended-transfer-inbound': { vendor: 'attended-transfer', after: 'inbound-ivr' },
};

const read = (name: string): string => readFileSync(new URL(`vendor/${name}`, import.meta.url), 'utf8');
const linesOf = (name: string): string[] => read(name).trimEnd().split('\n');
const ids = createIdTable(parseIdTable(read('ids.csv'), 'ids.csv'));

/** The same stream where 1.0 has one connectId for the whole call: the legs 1600000101 to 1600000107 are one. */
const oneLeg = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/"160000010[1-7]"/g, '"1600000101"'));
const asTheyAre = (lines: readonly string[]): string[] => [...lines];

describe.each([
  ['one connectId per party', asTheyAre],
  ['one connectId for the whole call', oneLeg],
])('%s', (_, legs) => {
  it.each(Object.keys(SCENARIOS))('%s leaves as 2.0 would have sent it, field by field', async (name) => {
    const translation = await translate(legs(linesOf(`${name}.legacy.ndjson`)), { ids });
    expect(translation.lines).toEqual(legs(linesOf(`${name}.current.ndjson`)));
    expectBalance(translation);
    expect(translation.outputs.filter((output) => output.waited)).toEqual([]);
    expect(translation.translator.tally.counts.get('unknownId')).toBeUndefined();
  });
});

// The vendor's sequences lie beside the repository, not in it: without them this is skipped, and says so.
const REFERENCE = fileURLToPath(new URL('../../../shared/reference/scenarios.yaml', import.meta.url));
const isThere = existsSync(REFERENCE);

type Step = readonly [type: string, party: string];

function stepsOf(id: string): Step[] {
  const all = parse(readFileSync(REFERENCE, 'utf8')) as readonly { readonly id: string; readonly steps: readonly Step[] }[];
  const found = all.find((scenario) => scenario.id === id);
  if (found === undefined) throw new Error(`no scenario ${id}`);
  return found.steps.map(([type, party]) => [type, party.replace('agentA', 'agent')] as const);
}

/** The vendor prints AgentRelease before or after Released of the same agent; here it stands directly before. */
function normalised(steps: readonly Step[]): string[] {
  const rest = steps.filter(([type]) => type !== 'AgentRelease' && type !== 'Muted' && type !== 'Unmuted');
  return rest.flatMap(([type, party]) => [
    ...(type === 'Released' && party.startsWith('agent') ? [`AgentRelease ${party}`] : []),
    `${type} ${party}`,
  ]);
}

/** A line as a step. `call` and `center` are not told apart from the customer by any field of 2.0. */
function stepOf(line: string): string {
  const { eventType, agentId } = fieldsOf(line);
  const party = agentId === 'alice@acme' ? 'agent' : agentId === 'bob@acme' ? 'agentB' : 'none';
  return `${eventType} ${party}`;
}

const partyOf = (step: string): string =>
  step.replace(/ (customer[AB]?|center)$/, ' none').replace(/^(AssignAgent|BlindTransfer|AttendedTransfer) call$/, '$1 agent');

describe.skipIf(!isThere)(`the sequence of the vendor's page${isThere ? '' : ` (SKIPPED: ${REFERENCE} is not there)`}`, () => {
  it.each(Object.entries(SCENARIOS))('is that of %s', (name, { vendor, after }) => {
    const expected =
      after === undefined
        ? []
        : normalised(
            stepsOf(after).slice(
              0,
              stepsOf(after).findIndex(([type]) => /Release/.test(type)),
            ),
          );
    expected.push(...normalised(stepsOf(vendor)));
    const got = linesOf(`${name}.current.ndjson`).map(stepOf);
    if (name !== 'agent-outbound-agent-first') {
      expect(got).toEqual(expected.map(partyOf));
      return;
    }
    // "when the agent hangs up first, the three release steps become AgentRelease, Released(agent), Released(customer)"
    const at = expected.indexOf('Released customer');
    const [customer = ''] = expected.splice(at, 1);
    expected.splice(at + 2, 0, customer);
    expect(got).toEqual(expected.map(partyOf));
  });
});
