import { UpcastError } from '../../errors.ts';
import type { CheckpointParts } from '../checkpoint.ts';
import type { InputProgress, SavedLanes } from '../saved-run.ts';
import { saveRun } from '../saved-run.ts';
import { createMerger } from './merger.ts';
import type { Counted, ErrorNews, LaneEnd, LaneHandle, LaneNews, LaneStart, StartLane } from './messages.ts';
import type { Piece } from './piece.ts';
import { memoryOf } from './piece.ts';
import { restOf, savedRest } from './rest.ts';

/** A lane that is so many items ahead of the slowest one waits for it. */
const MOST_AHEAD = 30_000;
/** Stretches of memory in a piece. */
const BUFFERS = 8;

/** What a run in lanes works with. */
export interface LanesPlan {
  readonly saved: SavedLanes;
  readonly starts: readonly LaneStart[];
  readonly start: StartLane;
  readonly resumable: boolean;
}

/** What came of it. */
export interface LanesEnd {
  readonly ends: readonly LaneEnd[];
  readonly counted: Counted;
}

/**
 * Converts in lanes: each reads all inputs and translates its part, here their lines are put together and written. At each checkpoint all
 * lanes wait at the same place of the inputs; first the outputs are made durable, then the run commits how far it is, and then the lanes
 * do. A lane that did not come to that is one checkpoint behind and catches up. `stopIfAsked` throws if the run is to stop: it is
 * asked behind each checkpoint, and where none are made, all the time.
 */
export async function convertInLanes(parts: CheckpointParts, plan: LanesPlan, stopIfAsked: () => void): Promise<LanesEnd> {
  const { outputs, notes, store } = parts;
  const { count } = plan.saved;
  const merger = createMerger(count, outputs.merged(notes));
  if (plan.saved.checkpoint > 0) for (const { lane, batch } of restOf(store.held())) merger.addRest(lane, batch);
  const inbox = createInbox();
  const crew = plan.starts.map((start, lane): Member => {
    const member = { items: 0, owed: 0, border: undefined, end: undefined, counted: NOTHING };
    return { ...member, handle: plan.start(start, (news) => inbox.put({ lane, news })) };
  });
  let { checkpoint } = plan.saved;
  try {
    while (crew.some(({ end }) => end === undefined)) {
      for (const { lane, news } of await inbox.take()) hear(crew[lane] as Member, news, (piece) => merger.add(lane, piece));
      const done = merger.merge();
      await outputs.flush();
      payBack(crew, done);
      const [first] = crew as [Member, ...Member[]];
      notes.adopt(first.counted);
      notes.progress(outputs.written);
      const { border } = first;
      if (!plan.resumable) stopIfAsked();
      if (!plan.resumable || border === undefined || !crew.every((member) => member.border?.number === border.number)) continue;
      checkpoint = border.number;
      const files = await outputs.sync();
      store.setHeld(savedRest(merger.rest()));
      const lanes = { ...plan.saved, checkpoint };
      saveRun(store, {
        ...{ phase: 'running', inputs: border.inputs, files, lanes, received: undefined },
        translator: parts.translator.save().state,
        notes: notes.save(),
      });
      store.commit();
      for (const member of crew) {
        member.border = undefined;
        member.handle.order({ kind: 'commit' });
      }
      if (!border.last) stopIfAsked();
    }
    return { ends: crew.map(({ end }) => end as LaneEnd), counted: (crew[0] as Member).counted };
  } finally {
    for (const { handle } of crew) await handle.stop();
  }
}

const NOTHING: Counted = { records: 0, blanks: 0, bytesRead: 0 };

interface Member {
  readonly handle: LaneHandle;
  items: number;
  /** Pieces that it is still to be told of as taken. */
  owed: number;
  border: { readonly number: number; readonly inputs: readonly InputProgress[]; readonly last: boolean } | undefined;
  end: LaneEnd | undefined;
  counted: Counted;
}

function hear(member: Member, news: LaneNews, add: (piece: Piece) => void): void {
  switch (news.kind) {
    case 'piece':
      add(news.piece);
      member.items = news.piece.items;
      member.owed += 1;
      member.border = news.border;
      member.counted = news.counted;
      break;
    case 'ended':
      member.end = news.end;
      member.counted = news.counted;
      member.items = Number.POSITIVE_INFINITY;
      break;
    case 'failed':
      throw errorOf(news.error);
  }
}

/** Tells the lanes that their pieces were taken, but for one that is far ahead. The slowest one never waits. */
function payBack(crew: readonly Member[], done: readonly Piece[]): void {
  const memory = done.flatMap(memoryOf);
  const least = Math.min(...crew.map(({ items }) => items));
  for (const member of crew) {
    if (member.items - least > MOST_AHEAD) continue;
    for (; member.owed > 0; member.owed -= 1) member.handle.order({ kind: 'taken', reuse: memory.splice(0, BUFFERS) });
  }
}

function errorOf({ code, message, exit, place, hint, stack }: ErrorNews): Error {
  const error = code === undefined ? new Error(message) : new UpcastError({ code, message, exit, place, hint });
  if (stack !== undefined) error.stack = stack;
  return error;
}

interface Post {
  readonly lane: number;
  readonly news: LaneNews;
}

/** News of all lanes, as they come. */
function createInbox(): { put(post: Post): void; take(): Promise<readonly Post[]> } {
  let posts: Post[] = [];
  let wake: (() => void) | undefined;
  return {
    put(post) {
      posts.push(post);
      wake?.();
    },
    async take() {
      while (posts.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const taken = posts;
      posts = [];
      return taken;
    },
  };
}
