import { describe, expect, test } from 'vitest';
import { brief, chunked, readAll } from './read.ts';

describe('eventAt', () => {
  test.each([
    ['/data', '{"data":{"a":1},"x":2}', '{"a":1}'],
    ['/data', '{"x":{"data":0},"data":"{\\"a\\":1.0,\\"b\\":\\"\\u6f22\\"}"}', '{"a":1.0,"b":"漢"}'],
    ['/data/event', '{"data":{"x":[],"event":{"a":1}}}', '{"a":1}'],
    ['/list/1', '{"list":[{"a":1},{"b":2}]}', '{"b":2}'],
    ['/a~1b/~0c/', '{"a/b":{"~c":{"":{"x":1}}}}', '{"x":1}'],
    ['/k', '{"\\u006b" : {"x":1}}', '{"x":1}'],
    ['', '{"a":1}', '{"a":1}'],
  ])('%j in %s is %s', async (eventAt, text, event) => {
    for (const format of ['ndjson', 'concatenated'] as const) {
      expect(await readAll(`${text}\n`, { eventAt, format })).toMatchObject({ items: [{ text: event, offset: 0, line: 1 }] });
    }
  });

  test.each([
    ['/data', '{"x":1}', 'no-event-at-pointer'],
    ['/data', '{"data":1}', 'no-event-at-pointer'],
    ['/data', '{"data":[{}]}', 'no-event-at-pointer'],
    ['/data/x', '{"data":"x"}', 'no-event-at-pointer'],
    ['/data/2', '{"data":[{},{}]}', 'no-event-at-pointer'],
    ['/data/01', '{"data":[{},{}]}', 'no-event-at-pointer'],
    ['/data', '{"data":"{\\"a\\":"}', 'bad-json'],
    ['/data', '{"data":"7"}', 'not-an-object'],
    ['/data', '{"data":"{\\"a\\":\\"\\ud800\\"}"}', 'bad-utf8'],
    ['/data', '{"data":{"a":1,"a":2}}', 'duplicate-key'],
    ['/data', '{"data":{},"data":{}}', 'duplicate-key'],
    ['/data', '{"data":', 'bad-json'],
  ])('%j in %s is refused', async (eventAt, text, code) => {
    const { items } = await readAll(`${text}\n`, { eventAt });
    expect(items).toMatchObject([{ code, raw: text, offset: 0, line: 1 }]);
  });

  test('with dupKeys last the last of repeated members is the event', async () => {
    expect(brief(await readAll('{"d":{"a":1},"d":{"b":2}}', { eventAt: '/d', dupKeys: 'last' }))).toEqual(['{"b":2}']);
  });

  test('a record that is not UTF-8 anywhere is refused', async () => {
    const bytes = Buffer.concat([Buffer.from('{"d":{"a":1},"x":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    expect(brief(await readAll(bytes, { eventAt: '/d' }))).toEqual(['bad-utf8']);
  });

  test('a pointer without its slash is refused as wrong usage', async () => {
    expect(await readAll('{}', { eventAt: 'data' })).toMatchObject({ error: { code: 'bad-pointer' } });
  });
});

describe('eventAt with * reads the events of a list in a document', () => {
  const eventAt = '/Data/List/*/Content';
  const answer = (elements: string) => `{"Code":"OK","Data":{"Total":1.0,"List":[${elements}]},"Other":{"List":[{"Content":{}}]}}`;

  test('an answer of ListNotificationRecords gives its events, numbers as they stood', async () => {
    const text = answer(
      '{"Id":1,"Content":"{\\"eventType\\":\\"X\\",\\"n\\":12345678901234567890}"},{"Content":{"n":1.50,"l":[1,{"m":null}],"t":true,"f":false}}',
    );
    expect(await readAll(text, { eventAt })).toMatchObject({
      items: [
        { text: '{"eventType":"X","n":12345678901234567890}', offset: 0, line: 1 },
        { text: '{"n":1.50,"l":[1,{"m":null}],"t":true,"f":false}', offset: 1, line: 2 },
      ],
      position: 2,
      error: undefined,
    });
  });

  test('elements that are no events are items, and reading goes on', async () => {
    const text = answer('{"Id":2},1,{"Content":"x"},{"Content":{"a":1,"a":2}},{"Content":{"a":1}}');
    expect(brief(await readAll(text, { eventAt }))).toEqual([
      'no-event-at-pointer',
      'no-event-at-pointer',
      'bad-json',
      'duplicate-key',
      '{"a":1}',
    ]);
  });

  test('elements too long or too deep are refused, their neighbours are not', async () => {
    const text = `[{"a":"${'x'.repeat(9000)}"},{"a":${'['.repeat(70)}${']'.repeat(70)}},{"b":1}]`;
    const outcome = await readAll(text, { eventAt: '/*', maxLine: 1000 });
    expect(brief(outcome)).toEqual(['too-long', 'too-deep', '{"b":1}']);
    expect(outcome.items[0]).toMatchObject({ length: 9008, raw: text.slice(1, 4097) });
  });

  test('several lists and several documents are read through', async () => {
    const text = '{"a":[{"l":[{"x":1},{"x":2}]},{"l":[]}]}\n{"a":[{"l":["{\\"x\\":3}"]}]}';
    expect(brief(await readAll(text, { eventAt: '/a/*/l/*' }))).toEqual(['{"x":1}', '{"x":2}', '{"x":3}']);
  });

  test('a run resumes by skipping the elements that were read', async () => {
    const text = '[{"a":1},{"a":2},{"a":3}]';
    expect(await readAll(text, { eventAt: '/*', startLine: 2 })).toMatchObject({ items: [{ text: '{"a":3}', line: 3 }], line: 3 });
  });

  test('damage is named after all elements before it, however the bytes arrive', async () => {
    const elements = Array.from({ length: 60 }, (_, index) => `{"a":${index}}`);
    const bytes = Buffer.from(`[${elements.join(',')},{"b":x}]`);
    for (const size of [1, 7, 100, 1000]) {
      const cuts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
      const outcome = await readAll(chunked(bytes, cuts), { eventAt: '/*' });
      expect(brief(outcome)).toEqual(elements);
      expect(outcome.error).toMatchObject({ code: 'document-damaged', place: 'input 1, after element 60' });
    }
    expect(await readAll(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), { eventAt: '/*' })).toMatchObject({
      error: { code: 'document-damaged', message: 'damaged JSON document: expected UTF-8' },
    });
    expect(await readAll('[{"a":1}', { eventAt: '/*' })).toMatchObject({ items: [{}], error: { code: 'document-damaged' } });
  });

  test("the source's own error comes first", async () => {
    async function* broken() {
      yield Buffer.from('[{"a":1},{"a"');
      throw Object.assign(new Error('gone'), { code: 'EIO' });
    }
    expect(await readAll(broken(), { eventAt: '/*' })).toMatchObject({ items: [{}], error: { message: expect.stringContaining('gone') } });
  });
});
