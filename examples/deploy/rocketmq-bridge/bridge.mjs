/** RocketMQ on one side, forward.mjs on the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SimpleConsumer } from 'rocketmq-client-nodejs';
import { createForward } from './forward.mjs';
import { createLetters } from './letters.mjs';
import { pump } from './pump.mjs';
import { readSettings } from './settings.mjs';
import { createShim } from './shim.mjs';

/** Messages taken at once. */
const BATCH = 16;
/** A message that is not acknowledged by then comes again, milliseconds. */
const INVISIBLE = 30_000;
/** How long RocketMQ may wait for a message; a stop waits for it. */
const LONG_POLL = 5_000;
const START_WITHIN = 30_000;
/** The codes of ccc-upcast. */
const EXIT = { unreachable: 69, config: 78 };

const log = (level, msg, fields = {}) =>
  process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), msg, ...fields })}\n`);
const warn = (msg, fields) => log('warn', msg, fields);
const fail = (exit, msg, error) => {
  log('error', msg, { detail: error.message });
  process.exit(exit);
};

/** The client writes to ~/logs otherwise. Objects are left out: some are whole messages. */
const brief = (value) => (value instanceof Error ? value.message : typeof value === 'object' ? '(object)' : value);
const clientLog = (level, format, rest) => log(level, 'of the RocketMQ client', { detail: brief(format), rest: rest.map(brief) });
const logger = {
  info() {},
  warn: (format, ...rest) => clientLog('warn', format, rest),
  error: (format, ...rest) => clientLog('error', format, rest),
};

let settings;
try {
  settings = readSettings(process.env);
} catch (error) {
  fail(EXIT.config, 'the settings are not right', error);
}

const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT']) {
  process.on(name, () => {
    // A second signal ends it at once: what is not acknowledged comes again.
    if (stop.signal.aborted) process.exit(name === 'SIGTERM' ? 143 : 130);
    log('info', 'stopping');
    stop.abort();
  });
}

const { rocketmq, shim, letters, concurrency } = settings;
const consumer = new SimpleConsumer({
  endpoints: rocketmq.endpoints,
  namespace: rocketmq.namespace,
  sslEnabled: rocketmq.tls,
  sessionCredentials: rocketmq.username && { accessKey: rocketmq.username, accessSecret: rocketmq.password },
  consumerGroup: rocketmq.group,
  subscriptions: new Map([[rocketmq.topic, rocketmq.tag]]),
  awaitDuration: LONG_POLL,
  logger,
});

// The client waits for ever for settings that do not come.
const tooLate = sleep(START_WITHIN, undefined, { ref: false }).then(() => {
  throw new Error('no answer in time');
});
await Promise.race([consumer.startup(), tooLate]).catch((error) => fail(EXIT.unreachable, 'RocketMQ cannot be reached', error));
log('info', 'started', { topic: rocketmq.topic, group: rocketmq.group });

const { post, probe } = createShim(shim);
await pump({
  receive: async () => {
    const views = await consumer.receive(BATCH, INVISIBLE);
    return views.map((view) => ({
      id: view.messageId,
      body: view.body,
      attempt: view.deliveryAttempt,
      corrupted: view.corrupted === true,
      view,
    }));
  },
  forward: createForward({ post, acknowledge: ({ view }) => consumer.ack(view), bury: createLetters(letters), log: warn }),
  probe,
  pause: (time) => sleep(time, undefined, { signal: stop.signal }).catch(() => {}),
  concurrency,
  signal: stop.signal,
  log: warn,
});
await consumer.shutdown().catch((error) => warn('RocketMQ was not told of the stop', { detail: error.message }));
log('info', 'stopped');
process.exit(0);
