import { SLOT, SLOTS, slotOf } from './slots.ts';
import { bytesOf } from './span.ts';

/** Records with the same keys in the same order share one shape: what follows from the keys alone is worked out once. */
export interface Shape {
  /** Decoded key names, in source order. */
  readonly keys: readonly string[];
  /** The same keys as they stand in the source, without quotes. */
  readonly rawKeys: readonly Uint8Array[];
  /** Hashes of the raw keys, and the raw keys with the colon behind them: what the identity of an event is made of. */
  readonly keyHashes: Int32Array;
  readonly keyLines: readonly DataView[];
  /** {@link SLOTS} index → field index in this shape, or -1. */
  readonly slots: Int16Array;
  /** True if the event type is spelled `EventType`, which only 1.0 does. */
  readonly pascalType: boolean;
  /** Field indexes ordered by key (UTF-16 code units): the order in which the identity of an event is computed. */
  readonly sorted: readonly number[];
  /** Field index of the first repeated key, or -1. */
  readonly duplicate: number;
}

/** A step in the tree of known key sequences. */
export interface ShapeNode {
  readonly rawKey: Uint8Array;
  readonly key: string;
  readonly parent: ShapeNode | undefined;
  readonly depth: number;
  /** The child met last: records of one kind follow each other, so it is tried first. */
  next: ShapeNode | undefined;
  /** The other children: a list while they are few, looked through by their bytes; all of them by their text. */
  readonly near: ShapeNode[];
  readonly children: Map<string, ShapeNode>;
  shape: Shape | undefined;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const NO_KEY = new Uint8Array(0);
const KEYS_REMEMBERED = 20_000;
const NEAR_CHILDREN = 12;

/**
 * The key sequences met so far. The parser walks it key by key; unknown sequences grow it, up to a bound past which
 * shapes are made for one record only (hostile input must not fill the memory).
 */
export interface ShapeTree {
  readonly root: ShapeNode;
  /** The known child of `node` whose raw key starts at `at` and is followed by a quote, if it is one of the first few met. */
  near(node: ShapeNode, bytes: Uint8Array, at: number): ShapeNode | undefined;
  /** The child of `node` for a key that is not `node.next`. `raw` is copied. */
  child(node: ShapeNode, raw: Uint8Array, key: string): ShapeNode;
  /** The shape that ends at a node. */
  shapeOf(node: ShapeNode): Shape;
}

/** Options of {@link createShapeTree}. */
export interface ShapeTreeOptions {
  /** Key steps remembered, 20,000 unless told. */
  readonly limit?: number;
  /** Which value of a repeated key fills a slot: the first unless told. */
  readonly duplicates?: 'first' | 'last';
}

/** An empty tree. One per parser. */
export function createShapeTree(options: ShapeTreeOptions = {}): ShapeTree {
  const { limit = KEYS_REMEMBERED, duplicates = 'first' } = options;
  let known = 0;
  const root = makeNode(undefined, NO_KEY, '');
  return {
    root,
    near: nearChild,
    child(node, raw, key) {
      const text = keyText(raw);
      const found = node.children.get(text);
      if (found !== undefined) {
        node.next = found;
        return found;
      }
      // Not raw.slice(): on a Buffer that shares the memory.
      const made = makeNode(node, new Uint8Array(raw), key);
      if (known < limit && (node === root || node.parent !== undefined)) {
        known += 1;
        node.children.set(text, made);
        if (node.near.length < NEAR_CHILDREN) node.near.push(made);
        node.next = made;
      }
      return made;
    },
    shapeOf(node) {
      node.shape ??= makeShape(node, duplicates);
      return node.shape;
    },
  };
}

function makeNode(parent: ShapeNode | undefined, rawKey: Uint8Array, key: string): ShapeNode {
  const depth = parent === undefined ? 0 : parent.depth + 1;
  return { rawKey, key, parent, depth, next: undefined, near: [], children: new Map(), shape: undefined };
}

function nearChild(node: ShapeNode, bytes: Uint8Array, at: number): ShapeNode | undefined {
  for (const child of node.near) {
    const { rawKey } = child;
    const { length } = rawKey;
    let same = 0;
    while (same < length && bytes[at + same] === rawKey[same]) same += 1;
    if (same === length && bytes[at + length] === QUOTE) {
      node.next = child;
      return child;
    }
  }
  return undefined;
}

function keyText(raw: Uint8Array): string {
  let text = '';
  for (const byte of raw) text += String.fromCharCode(byte);
  return text;
}

function makeShape(node: ShapeNode, duplicates: 'first' | 'last'): Shape {
  const nodes: ShapeNode[] = [];
  for (let at: ShapeNode | undefined = node; at?.parent !== undefined; at = at.parent) nodes.push(at);
  nodes.reverse();
  const keys = nodes.map((each) => each.key);
  const slots = new Int16Array(SLOTS.length).fill(-1);
  keys.forEach((key, index) => {
    const slot = slotOf(key);
    if (slot < 0) return;
    const holder = slots[slot] as number;
    if (holder === -1 || (duplicates === 'last' && keys[holder] === key)) slots[slot] = index;
  });
  const typeField = slots[SLOT.eventType] ?? -1;
  return {
    keys,
    rawKeys: nodes.map((each) => each.rawKey),
    keyHashes: Int32Array.from(nodes, (each) => hashKey(each.rawKey)),
    keyLines: nodes.map((each) => bytesOf(Uint8Array.of(...each.rawKey, COLON)).view),
    slots,
    pascalType: typeField >= 0 && keys[typeField] === 'EventType',
    sorted: keys.map((_, index) => index).sort((a, b) => compareKeys(keys[a] ?? '', keys[b] ?? '') || a - b),
    duplicate: firstDuplicate(keys),
  };
}

function hashKey(raw: Uint8Array): number {
  return raw.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5);
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function firstDuplicate(keys: readonly string[]): number {
  const seen = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (seen.has(key)) return index;
    seen.add(key);
  }
  return -1;
}
