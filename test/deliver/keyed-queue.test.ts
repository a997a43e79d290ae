import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Keyed, KeyedQueue } from '../../src/deliver/keyed-queue.ts';
import { createKeyedQueue } from '../../src/deliver/keyed-queue.ts';

interface Item extends Keyed {
  readonly name: number;
}

type Step =
  | { readonly do: 'add'; readonly keys: readonly string[] }
  | { readonly do: 'take' }
  | { readonly do: 'back' | 'unget' | 'done'; readonly pick: number };

/** Few keys, so that items meet; none and the same one twice are among them. */
const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '', '__proto__'), { maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: keys.map((some): Step => ({ do: 'add', keys: some })) },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'take' }) },
  { weight: 1, arbitrary: fc.nat().map((pick): Step => ({ do: 'back', pick })) },
  { weight: 1, arbitrary: fc.nat().map((pick): Step => ({ do: 'unget', pick })) },
  { weight: 3, arbitrary: fc.nat().map((pick): Step => ({ do: 'done', pick })) },
);

/** The queue as a list that is searched from the beginning each time: slow, and plainly right. */
class Model {
  readonly queue: KeyedQueue<Item> = createKeyedQueue<Item>();
  /** Added and not done, in the order of adding. */
  readonly waiting: Item[] = [];
  readonly taken: Item[] = [];
  readonly done: Item[] = [];
  added = 0;

  apply(next: Step): void {
    if (next.do === 'add') this.add({ name: this.added, keys: next.keys });
    else if (next.do === 'take') this.take();
    else if (this.taken.length > 0) this.leave(next.do, next.pick % this.taken.length);
    expect(this.queue.size).toBe(this.waiting.length);
  }

  add(item: Item): void {
    this.added += 1;
    this.waiting.push(item);
    this.queue.add(item);
  }

  isFree(item: Item): boolean {
    const before = this.waiting.slice(0, this.waiting.indexOf(item));
    return !this.taken.includes(item) && !before.some((other) => shareKey(item, other));
  }

  take(): void {
    const free = this.waiting.filter((item) => this.isFree(item));
    const item = this.queue.take();
    if (item === undefined) {
      expect(free).toEqual([]);
      return;
    }
    // It is the first of each of its keys; so no two that are under way share one.
    expect(free).toContain(item);
    expect(this.taken.filter((other) => shareKey(item, other))).toEqual([]);
    this.taken.push(item);
  }

  leave(how: 'back' | 'unget' | 'done', at: number): void {
    const [item] = this.taken.splice(at, 1) as [Item];
    if (how === 'done') {
      this.waiting.splice(this.waiting.indexOf(item), 1);
      this.done.push(item);
    }
    this.queue[how](item);
    if (how !== 'unget') return;
    expect(this.queue.take()).toBe(item);
    this.queue.unget(item);
  }

  /** Until there is nothing left. */
  drain(): void {
    while (this.waiting.length > 0) {
      const before = this.taken.length;
      this.take();
      if (this.taken.length === before) expect(this.taken).not.toEqual([]);
      this.leave('done', 0);
    }
  }
}

function shareKey(a: Item, b: Item): boolean {
  return a.keys.some((key) => b.keys.includes(key));
}

describe('whatever the order of adding, taking, giving back and being done', () => {
  it('what is taken is the first of each of its keys, and is found whenever there is one', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const model = new Model();
        for (const next of steps) model.apply(next);
      }),
      { numRuns: 500, seed: 20210314 },
    );
  });

  it('nothing is lost and nothing comes twice, and each key is done in the order of adding', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const model = new Model();
        for (const next of steps) model.apply(next);
        model.drain();
        const names = model.done.map(({ name }) => name);
        expect([...names].sort((a, b) => a - b)).toEqual(Array.from({ length: model.added }, (_, at) => at));
        for (const key of ['a', 'b', 'c', 'd', '', '__proto__']) {
          const own = model.done.filter((item) => item.keys.includes(key)).map(({ name }) => name);
          expect(own).toEqual([...own].sort((a, b) => a - b));
        }
        expect({ size: model.queue.size, next: model.queue.take() }).toEqual({ size: 0, next: undefined });
      }),
      { numRuns: 500, seed: 20210314 },
    );
  });
});

describe('a queue', () => {
  const item = (name: number, ...own: readonly string[]): Item => ({ name, keys: own });
  const takeAll = (queue: KeyedQueue<Item>): readonly number[] => {
    const names: number[] = [];
    for (let next = queue.take(); next !== undefined; next = queue.take()) names.push(next.name);
    return names;
  };

  it('gives items without a key at once, in their order', () => {
    const queue = createKeyedQueue<Item>();
    for (let at = 0; at < 5; at += 1) queue.add(item(at));
    expect(takeAll(queue)).toEqual([0, 1, 2, 3, 4]);
    expect(queue.size).toBe(5);
  });

  it('gives what was not used first, in its order', () => {
    const queue = createKeyedQueue<Item>();
    const items = Array.from({ length: 5 }, (_, at) => item(at));
    for (const each of items) queue.add(each);
    const taken = [queue.take(), queue.take(), queue.take()] as Item[];
    for (const each of taken.toReversed()) queue.unget(each);
    expect(takeAll(queue)).toEqual([0, 1, 2, 3, 4]);
  });

  it('holds an item until the last of those before it is done', () => {
    const queue = createKeyedQueue<Item>();
    const [contact, agent, both] = [item(0, 'contact 1'), item(1, 'agent 1'), item(2, 'contact 1', 'agent 1')];
    for (const each of [contact, agent, both]) queue.add(each);
    expect(takeAll(queue)).toEqual([0, 1]);
    queue.done(agent);
    expect(takeAll(queue)).toEqual([]);
    queue.done(contact);
    expect(takeAll(queue)).toEqual([2]);
  });

  it('lets others pass an item that waits for its second attempt, but none with its key', () => {
    const queue = createKeyedQueue<Item>();
    const first = item(0, 'a');
    for (const each of [first, item(1, 'a'), item(2, 'b')]) queue.add(each);
    expect(takeAll(queue)).toEqual([0, 2]);
    queue.back(first);
    expect(takeAll(queue)).toEqual([0]);
    queue.done(first);
    expect(takeAll(queue)).toEqual([1]);
  });

  it('does not starve those that are free when one is given back again and again', () => {
    const queue = createKeyedQueue<Item>();
    const first = item(0, 'a');
    for (const each of [first, item(1, 'b')]) queue.add(each);
    expect(queue.take()).toBe(first);
    queue.back(first);
    expect(queue.take()?.name).toBe(1);
  });

  it('takes an item that names one key twice for an item with that key', () => {
    const queue = createKeyedQueue<Item>();
    const twice = item(0, 'a', 'a');
    for (const each of [twice, item(1, 'a')]) queue.add(each);
    expect(takeAll(queue)).toEqual([0]);
    queue.done(twice);
    expect(takeAll(queue)).toEqual([1]);
  });

  it('goes on in order after thousands have gone through', () => {
    const queue = createKeyedQueue<Item>();
    const taken: number[] = [];
    for (let at = 0; at < 5_000; at += 1) queue.add(item(at, `key ${at % 7}`));
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      taken.push(next.name);
      queue.done(next);
    }
    expect([...taken].sort((a, b) => a - b)).toEqual(Array.from({ length: 5_000 }, (_, at) => at));
    for (let key = 0; key < 7; key += 1) {
      const own = taken.filter((name) => name % 7 === key);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  });
});

describe('the work for an item', () => {
  /** How often an item's keys are read, and how many array elements are moved, in the life of so many items in one line. */
  function work(count: number): { readonly reads: number; readonly moved: number } {
    let reads = 0;
    let moved = 0;
    const queue = createKeyedQueue<Item>();
    const items = Array.from(
      { length: count },
      (_, name): Item => ({
        name,
        get keys() {
          reads += 1;
          return ['one', `own ${name}`];
        },
      }),
    );
    const methods = ['shift', 'unshift', 'splice', 'slice', 'indexOf', 'includes', 'find', 'findIndex', 'filter', 'concat'] as const;
    const own = methods.map((name) => [name, Array.prototype[name]] as const);
    for (const [name, method] of own) {
      Object.defineProperty(Array.prototype, name, {
        configurable: true,
        writable: true,
        value(this: unknown[], ...given: unknown[]) {
          moved += this.length;
          return (method as (...all: unknown[]) => unknown).apply(this, given);
        },
      });
    }
    try {
      for (const each of items) queue.add(each);
      for (let next = queue.take(); next !== undefined; next = queue.take()) queue.done(next);
    } finally {
      for (const [name, method] of own) Object.defineProperty(Array.prototype, name, { configurable: true, writable: true, value: method });
    }
    expect(queue.size).toBe(0);
    return { reads, moved };
  }

  it('is the same however many stand in line', () => {
    const [few, many] = [work(4_000), work(16_000)];
    expect(many.reads).toBe(4 * few.reads);
    // Four times as many items are four times the work, not sixteen times; a little room for what is done now and then.
    expect(many.moved).toBeLessThan(6 * Math.max(few.moved, 4_000));
  });
});
