import { describe, expect, it } from 'vitest';
import { UpcastError } from '../../src/errors.ts';
import { idRowsOf, parseIdTable } from '../../src/event/id-file.ts';
import { createIdTable } from '../../src/event/ids.ts';

const rows = [
  { kind: 'instance', legacy: '3f1c', current: 'acme' },
  { kind: 'agent', legacy: '1001@old', current: 'alice@acme' },
  { kind: 'skillGroup', legacy: 'sg-1', current: 'sales@acme' },
] as const;

function issuesOf(text: string): readonly string[] {
  try {
    parseIdTable(text, 'ids.csv');
  } catch (error) {
    if (!(error instanceof UpcastError)) throw error;
    expect([error.code, error.exit]).toEqual(['bad-id-table', 78]);
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

describe('an id table', () => {
  const table = createIdTable(rows);

  it('finds the 2.0 id of a 1.0 id of its kind only', () => {
    expect(table.find('agent', '1001@old')).toBe('alice@acme');
    expect(table.find('skillGroup', '1001@old')).toBeUndefined();
    expect(table.find('agent', 'constructor')).toBeUndefined();
  });

  it('reads a party as an agent, then as a skill group, and as nothing else', () => {
    expect(table.find('party', '1001@old')).toBe('alice@acme');
    expect(table.find('party', 'sg-1')).toBe('sales@acme');
    expect(table.find('party', '3f1c')).toBeUndefined();
    expect(createIdTable([...rows, { kind: 'agent', legacy: 'sg-1', current: 'bob@acme' }]).find('party', 'sg-1')).toBe('bob@acme');
  });

  it('knows its 2.0 ids', () => {
    expect([table.isCurrent('agent', 'alice@acme'), table.isCurrent('agent', 'acme'), table.isCurrent('party', 'sales@acme')]).toEqual([
      true,
      false,
      true,
    ]);
    expect([table.isAnyCurrent('acme'), table.isAnyCurrent('1001@old')]).toEqual([true, false]);
    expect(table.size).toBe(3);
  });
});

describe('reading an id table', () => {
  it.each([
    ['plain', 'kind,legacy,current\ninstance,3f1c,acme\nagent,1001@old,alice@acme\nskillGroup,sg-1,sales@acme\n'],
    [
      'with BOM, CRLF and no last line end',
      '\uFEFFkind,legacy,current\r\ninstance,3f1c,acme\r\nagent,1001@old,alice@acme\r\nskillGroup,sg-1,sales@acme',
    ],
    [
      'with comments, blank lines and blanks',
      '# ours\n\nkind , legacy,current\ninstance,3f1c,acme\n  # people\n\nagent , 1001@old , alice@acme\nskillGroup,sg-1,sales@acme\n\n# end',
    ],
    ['with quotes', '"kind","legacy","current"\n"instance","3f1c","acme"\nagent, "1001@old" ,alice@acme\nskillGroup,"sg-1","sales@acme"\n'],
    ['with columns in another order', 'current,kind,legacy\nacme,instance,3f1c\nalice@acme,agent,1001@old\nsales@acme,skillGroup,sg-1\n'],
    ['as a JSON list', JSON.stringify(rows)],
    ['as JSON by kind', '{ "instance": {"3f1c": "acme"}, "agent": {"1001@old": "alice@acme"}, "skillGroup": {"sg-1": "sales@acme"} }'],
  ])('%s', (_name, text) => {
    expect(parseIdTable(text, 'ids')).toEqual(rows);
  });

  it('keeps commas, quotes, hashes and line ends inside quotes', () => {
    expect(parseIdTable('kind,legacy,current\nagent,"a,""b""#\n1","x@acme"\nagent,c#1,y@acme\n', 'ids')).toEqual([
      { kind: 'agent', legacy: 'a,"b"#\n1', current: 'x@acme' },
      { kind: 'agent', legacy: 'c#1', current: 'y@acme' },
    ]);
  });

  it('takes the same line twice', () => {
    expect(parseIdTable('kind,legacy,current\nagent,a,x\nagent,a,x\nskillGroup,a,y\n', 'ids')).toHaveLength(3);
  });

  it.each([
    ['an empty file', '', ['ids.csv:1:1: the table is empty; its first line is kind,legacy,current']],
    ['a misspelt column', 'kind,legacy,curent\nagent,a,b\n', ['ids.csv:1:13: unknown column "curent"; did you mean "current"?']],
    ['a missing column', 'kind,legacy\nagent,a\n', ['ids.csv:1:1: column "current" is missing; the first line is kind,legacy,current']],
    ['semicolons', 'kind;legacy;current\nagent;a;b\n', ['ids.csv:1:1: columns are separated by commas']],
    ['a misspelt kind', 'kind,legacy,current\n\nskillgroup,a,b\n', ['ids.csv:3:1: unknown kind "skillgroup"; did you mean "skillGroup"?']],
    ['a kind that is none', 'kind,legacy,current\nqueue,a,b\n', ['ids.csv:2:1: unknown kind "queue"; known: instance, agent, skillGroup']],
    ['an empty id', 'kind,legacy,current\nagent,,b\n', ['ids.csv:2:1: the legacy id is missing or no text']],
    ['a short line', 'kind,legacy,current\nagent,a\n', ['ids.csv:2:7: expected 3 values, got 2']],
    ['a long line', 'kind,legacy,current\nagent,a,b,c\n', ['ids.csv:2:11: expected 3 values, got 4']],
    ['an open quote', 'kind,legacy,current\nagent,"a,b\n', ['ids.csv:2:7: a quote is not closed']],
    ['text after a quote', 'kind,legacy,current\nagent,a,"b"c\nagent,d,e\n', ['ids.csv:2:12: expected a comma after the closing quote']],
    [
      'one 1.0 id with two 2.0 ids',
      'kind,legacy,current\nagent,a,x\nagent,b,y\nagent,a,z\n',
      ['ids.csv:4:1: agent "a" is "z" here and "x" at ids.csv:2:1'],
    ],
    [
      'several issues at once',
      'kind,legacy,current\nagnt,a,x\nagent,b,\n',
      ['ids.csv:2:1: unknown kind "agnt"; did you mean "agent"?', 'ids.csv:3:1: the current id is missing or no text'],
    ],
    ['broken JSON', '{\n  "agent": {"a" "b"}\n}', [expect.stringMatching(/^ids.csv:2:17: /)]],
    ['a JSON kind misspelt', '{"agents": {"a": "b"}}', ['ids.csv.agents["a"]: unknown kind "agents"; did you mean "agent"?']],
    ['JSON with a number as id', '[{"kind": "agent", "legacy": 1, "current": "b"}]', ['ids.csv[0]: the legacy id is missing or no text']],
    ['JSON of another form', '{"agent": "a"}', ['ids.csv.agent: expected {legacy: current}']],
  ])('refuses %s', (_name, text, issues) => {
    expect(issuesOf(text)).toEqual(issues);
  });

  it('tells each issue once, also of a table that it must look through again for the place of the other id', () => {
    expect(issuesOf('kind,legacy,current\nagent,a\nagent,b,y\nagent,b,z\n')).toEqual([
      'ids.csv:2:7: expected 3 values, got 2',
      'ids.csv:4:1: agent "b" is "z" here and "y" at ids.csv:3:1',
    ]);
  });

  it('is not slowed down by a hundred thousand conflicts', () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `agent,${index},x\nagent,${index},y\n`);
    expect(issuesOf(`kind,legacy,current\n${lines.join('')}`).at(-1)).toBe('… and 99980 more');
  });

  it('names no more than 20 issues', () => {
    const issues = issuesOf(`kind,legacy,current\n${'x,a,b\n'.repeat(50)}`);
    expect(issues).toHaveLength(21);
    expect(issues.at(-1)).toBe('… and 30 more');
  });

  it('reads a table of 100,000 lines without slowing down with its length', () => {
    const text = `kind,legacy,current\n${Array.from({ length: 100_000 }, (_, n) => `agent,${n}@old,user${n}@acme`).join('\n')}`;
    const started = performance.now();
    expect(createIdTable(parseIdTable(text, 'ids')).size).toBe(100_000);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('reads a table that is data already', () => {
    expect(idRowsOf({ agent: { a: 'x' } }, 'ids')).toEqual([{ kind: 'agent', legacy: 'a', current: 'x' }]);
    expect(() => idRowsOf(7, 'ids')).toThrow(/expected a list/);
  });
});
