import { expect, it } from 'vitest';
import { toldName } from '../../src/event/told-name.ts';
import { renderText } from '../../src/report/text.ts';
import { createTally } from '../../src/translate/tally.ts';
import { someResult } from '../report/result.ts';
import { recordsOf, translate } from '../support/stream.ts';
import { legacyEvent } from '../support/told.ts';

it.each([
  ['13900001111', '(number)'],
  ['Dialing.+86 139-0000-1111', 'Dialing.(number)'],
  ['(0571) 2688 0001', '(0571) (number)'],
  ['AgentRinging', 'AgentRinging'],
  ['Event 2021', 'Event 2021'],
])('the name %s is told as %s', (name, told) => expect(toldName(name)).toBe(told));

it('a name of a mebibyte of digits or nearly digits costs no time', () => {
  const started = performance.now();
  for (const part of ['1', '1-', '1--', '(1']) toldName(part.repeat(2 ** 20));
  expect(performance.now() - started).toBeLessThan(1000);
});

it('a phone number in the place of a type, a field or a value is counted and not told', async () => {
  const number = '13900001111';
  const { outcomes, translator } = await translate([
    legacyEvent(number),
    legacyEvent('Dialing', { [number]: 'x', contactId: '1', callType: number }),
    legacyEvent('18900001111'),
  ]);
  expect(outcomes.map(({ message }) => message).filter((message) => message !== undefined)).toEqual([
    'mapping ccc-2.0 has no event "(number)"',
    'mapping ccc-2.0 has no event "(number)"',
  ]);
  expect(translator.books.input.get('(number)')).toMatchObject({ in: 2, deadLetters: 2 });
  expect(translator.tally.counts.get('unknownType')?.get('(number)')?.count).toBe(2);
  expect(renderText(someResult({ books: translator.books, tally: translator.tally }))).not.toContain(number);
});

it('an id that the id table lacks is told as it is: somebody has to add it', async () => {
  const tally = createTally();
  const [record] = await recordsOf([legacyEvent('Dialing')]);
  if (record === undefined) throw new Error('no record');
  tally.note('unknownId', 'agent 20010000456906183@old', record);
  expect([...(tally.counts.get('unknownId')?.keys() ?? [])]).toEqual(['agent 20010000456906183@old']);
});
