import type { Random } from './random.ts';

/** One thing under its 1.0 id and its 2.0 id. */
export interface Named {
  readonly legacy: string;
  readonly current: string;
}

/** An agent, with the groups that it signs in to and the moment until which the plan has it occupied. */
export interface Agent extends Named {
  readonly extension: string;
  readonly groups: readonly Named[];
  /** `skillGroupIds` in both vocabularies. */
  readonly groupIds: Named;
  freeAt: number;
  shiftEnds: number;
}

/** An IVR flow. */
export interface ContactFlow {
  readonly id: string;
  readonly name: string;
}

/** The call centre: who works there and what it is called in both versions. */
export interface World {
  readonly instance: Named;
  readonly agents: readonly Agent[];
  readonly groups: readonly Named[];
  readonly flows: readonly ContactFlow[];
  readonly hotlines: readonly string[];
}

/** One line of the customer's id table. */
export interface IdRow extends Named {
  readonly kind: 'instance' | 'agent' | 'skillGroup';
}

const SURNAMES = 'wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo'.split(' ');
const GIVEN = 'wei fang na min jing qiang lei jun yang yong yan jie juan tao ming chao xiulan xia ping gang'.split(' ');
const GROUPS = 'skg-default presale aftersale vip complaint logistics billing technical english outbound survey night'.split(' ');
const FLOWS = ['主流程', '售后服务主流程', '投诉与建议', '夜间值班流程', '会员专线'];

function buildAgent(random: Random, number: number, domain: string, groups: readonly Named[]): Agent {
  const wanted = random.int(1, 3);
  const own: Named[] = [];
  while (own.length < wanted) {
    const group = random.pick(groups);
    if (!own.includes(group)) own.push(group);
  }
  const surname = SURNAMES[number % SURNAMES.length];
  const given = GIVEN[Math.floor(number / SURNAMES.length) % GIVEN.length];
  const round = Math.floor(number / (SURNAMES.length * GIVEN.length));
  return {
    legacy: `2${(number * 7919 + 10000).toString().padStart(7, '0')}${random.digits(9)}@${domain}-domain`,
    current: `${surname}${given}${round === 0 ? '' : round}@${domain}`,
    extension: `8${(number + 1000).toString().padStart(7, '0')}`,
    groups: own,
    groupIds: { legacy: own.map((group) => group.legacy).join(','), current: own.map((group) => group.current).join(',') },
    freeAt: 0,
    shiftEnds: 0,
  };
}

/** Builds the call centre of a seed. */
export function buildWorld(random: Random, agentCount: number): World {
  const domain = `ccc-${random.pick(['hangzhou', 'shanghai', 'beijing', 'shenzhen'])}-${random.int(1, 99)}`;
  const groups = GROUPS.map((name) => ({ legacy: random.uuid(), current: `${name}@${domain}` }));
  const agents = Array.from({ length: agentCount }, (_, number) => buildAgent(random, number, domain, groups));
  const flows = FLOWS.map((name) => ({ id: random.uuid(), name }));
  const hotlines = Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? `400${random.digits(7)}` : `0571${random.digits(8)}`));
  return { instance: { legacy: random.uuid(), current: domain }, agents, groups, flows, hotlines };
}

/** The id table of a call centre, as a customer would hand it over. */
export function idTable(world: World): IdRow[] {
  return [
    { kind: 'instance', legacy: world.instance.legacy, current: world.instance.current },
    ...world.agents.map(({ legacy, current }): IdRow => ({ kind: 'agent', legacy, current })),
    ...world.groups.map(({ legacy, current }): IdRow => ({ kind: 'skillGroup', legacy, current })),
  ];
}
