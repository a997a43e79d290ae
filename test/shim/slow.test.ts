import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IntakeTimes } from '../../src/shim/intake.ts';
import type { Sink, TestShim } from './support.ts';
import { agentReady, endpoint, folderFor, LIMITS, post, startSink, startTestShim } from './support.ts';

/** Slow connections; CCC_SLOW=5000 for more. */
const SLOW = Number(process.env['CCC_SLOW'] ?? 1_000);
const GOOD = 200;
/** Good requests under way at once. */
const AT_ONCE = 4;
/** Long enough for all to be open at once, short enough to wait for. */
const HEADERS = 4_000 + SLOW;
const TIMES: IntakeTimes = { headers: HEADERS, request: HEADERS + 1_000, keepAlive: HEADERS, idle: 3_000, check: 100 };
/** What a close may come late on a machine that does other things as well. */
const LATE = 3_000;
const DRIP_EVERY = 500;
/** Bodies of senders of which two fill the memory for bodies, as they announce them. */
const LARGE = LIMITS.maxBody;

/** A way to be slow: what is sent first, what again and again, and after how long at most the shim closes. */
interface Kind {
  readonly name: string;
  readonly first: string;
  readonly drip: string;
  readonly limit: number;
}

const HEAD = 'POST /events HTTP/1.1\r\nHost: shim\r\nContent-Type: application/json\r\n';
const KINDS: readonly Kind[] = [
  { name: 'an idle connection', first: '', drip: '', limit: Math.min(TIMES.headers, TIMES.idle) },
];
