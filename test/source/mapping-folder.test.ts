import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInMappings, loadMapping, readMappingFolder } from '../../src/source/mapping-folder.ts';

const BUILT_IN = fileURLToPath(new URL('../../mappings/', import.meta.url));
let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mapping-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}

describe('finding a mapping', () => {
  it('knows the built-in ones by name', async () => {
    expect(await builtInMappings()).toEqual(['ccc-2.0', 'ccc-2.0-current']);
    expect((await loadMapping('ccc-2.0')).name).toBe('ccc-2.0');
  });

  it('names the nearest built-in mapping for one that does not exist', async () => {
    const failed = loadMapping('ccc-2.0-curent');
    await expect(failed).rejects.toMatchObject({ exit: 78, code: 'no-mapping', hint: 'did you mean "ccc-2.0-current"?' });
  });

  it('refuses a file', async () => {
    await write({ 'mapping.yaml': 'name: x' });
    await expect(loadMapping(join(dir, 'mapping.yaml'))).rejects.toMatchObject({ exit: 78, hint: `give the folder: ${dir}` });
  });

  it('reads a copy of a built-in mapping to the same hash, wherever it lies', async () => {
    await cp(join(BUILT_IN, 'ccc-2.0'), join(dir, 'mine'), { recursive: true });
    expect((await loadMapping(join(dir, 'mine'))).hash).toBe((await loadMapping('ccc-2.0')).hash);
  });

  it('shows issues with the path of the file', async () => {
    await cp(join(BUILT_IN, 'ccc-2.0'), dir, { recursive: true });
    await write({
      'events/AgentRinging.yaml':
        'event: AgentRinging\nto: AgentRinging\nuse: [event, agent, agentCall]\nsteps:\n  - renam: { from: a, to: b }\n',
    });
    await expect(loadMapping(dir)).rejects.toMatchObject({
      exit: 78,
      message: `mapping ${dir} has 1 issue:\n  ${dir}/events/AgentRinging.yaml:5:5: unknown step "renam"; did you mean "rename"?`,
    });
  });
});

describe('extends', () => {
  const top = 'name: mine\nversion: "3"\nextends: ccc-2.0\n';

  it('takes everything from the mapping below and puts the differences on top', async () => {
    await write({
      'mapping.yaml': `${top}policies: { unknownField: drop, contactId: "job-{contactId}" }\nwaits: { hold: 10s }\n`,
      'tables/abandon-phase.yaml': 'Ring: RINGING\n',
      'events/Enqueue.yaml': 'event: Enqueue\nto: null\n',
      'targets.yaml': 'events:\n  Held: { fills: { heldChannelId: null }, constants: { skillGroupId: none } }\n',
    });
    const [mine, base] = [await loadMapping(dir), await loadMapping('ccc-2.0')];
    expect(mine).toMatchObject({
      name: 'mine',
      version: '3',
      policies: { unknownField: 'drop', unknownId: 'keep' },
      waits: { hold: 10_000, idle: 86_400_000 },
    });
    expect(mine.contactId).toEqual({ op: 'template', before: 'job-', after: '' });
    expect(mine.events.get('Enqueue')).toMatchObject({ to: null, fields: [] });
    expect(mine.events.get('Dialing')).toEqual(base.events.get('Dialing'));
    const phase = mine.events.get('CallAbandoned')?.fields.find((field) => field.to === 'abandonPhase');
    expect(phase?.op).toMatchObject({ op: 'table', values: new Map([['Ring', 'RINGING']]) });
    expect(mine.targets.get('Held')?.fields).toEqual(base.targets.get('Held')?.fields);
    expect(mine.targets.get('Held')?.fills.has('heldChannelId')).toBe(false);
    expect(mine.targets.get('Held')?.constants).toEqual(new Map([['skillGroupId', 'none']]));
    expect(mine.hash).not.toBe(base.hash);
  });

  it('follows a folder, relative to the mapping that names it', async () => {
    await write({ 'a/mapping.yaml': top, 'b/mapping.yaml': 'name: above\nversion: "1"\nextends: ../a\n' });
    const layers = await readMappingFolder(join(dir, 'b'));
    expect(layers.map((layer) => [...layer.keys()].find((path) => path.endsWith('mapping.yaml')))).toEqual([
      expect.stringMatching(/mappings\/ccc-2.0\/mapping.yaml$/),
      `${dir}/a/mapping.yaml`,
      `${dir}/b/mapping.yaml`,
    ]);
    expect((await loadMapping(join(dir, 'b'))).name).toBe('above');
  });

  it('does not report what only the mapping below leaves unused', async () => {
    await write({ 'mapping.yaml': top, 'events/CallAbandoned.yaml': 'event: CallAbandoned\nto: null\n' });
    expect((await loadMapping(dir)).events.get('CallAbandoned')?.to).toBeNull();
  });

  it('reports what it leaves unused itself', async () => {
    await write({ 'mapping.yaml': top, 'tables/spare.yaml': 'a: b\n' });
    await expect(loadMapping(dir)).rejects.toThrow(`${dir}/tables/spare.yaml:1:1: table "spare" is used by no step and no fill`);
  });

  it('refuses a circle', async () => {
    await write({ 'a/mapping.yaml': 'name: a\nversion: "1"\nextends: ../b\n', 'b/mapping.yaml': 'name: b\nversion: "1"\nextends: ../a\n' });
    await expect(loadMapping(join(dir, 'a'))).rejects.toMatchObject({ exit: 78, message: expect.stringContaining('leads back to') });
  });
});

describe('steps', () => {
  it('compile to one rule per output field', async () => {
    const steps = [
      'copy: [Caller]',
      'rename: { from: connectId, to: channelId }',
      'time: [EventTime]',
      'id: { kind: agent, fields: [agentId] }',
      'table: { name: call-type, fields: [callType] }',
      'template: { field: callee, text: "tel:{value}" }',
      'set: { field: scenario, value: NONE }',
      'first: { to: skillGroupId, from: [SkillGroupId, skillGrou], id: skillGroup, asIs: [skillGrou] }',
      'drop: [broker]',
    ];
    await write({
      'mapping.yaml': 'name: mine\nversion: "1"\nextends: ccc-2.0\n',
      'events/Dialing.yaml': `event: Dialing\nto: Dialing\nextra: [SkillGrou]\nsteps:\n${steps.map((step) => `  - ${step}\n`).join('')}`,
    });
    const dialing = (await loadMapping(dir)).events.get('Dialing');
    expect(dialing?.fields).toEqual([
      { to: 'caller', from: ['caller'], op: { op: 'copy' }, asIs: [] },
      { to: 'channelId', from: ['connectId'], op: { op: 'copy' }, asIs: [] },
      { to: 'eventTime', from: ['eventTime'], op: { op: 'time' }, asIs: [] },
      { to: 'agentId', from: ['agentId'], op: { op: 'id', kind: 'agent' }, asIs: [] },
      { to: 'callType', from: ['callType'], op: { op: 'table', name: 'call-type', values: expect.any(Map) }, asIs: [] },
      { to: 'callee', from: ['callee'], op: { op: 'template', before: 'tel:', after: '' }, asIs: [] },
      { to: 'skillGroupId', from: ['skillGroupId', 'skillGrou'], op: { op: 'id', kind: 'skillGroup' }, asIs: ['skillGrou'] },
    ]);
    expect(dialing?.constants).toEqual(new Map([['scenario', 'NONE']]));
    expect(dialing?.dropped).toEqual(new Set(['broker']));
    expect([...(dialing?.known ?? [])].sort()).toEqual([
      'agentId',
      'broker',
      'callType',
      'callee',
      'caller',
      'connectId',
      'eventTime',
      'skillGrou',
      'skillGroupId',
    ]);
  });
});
