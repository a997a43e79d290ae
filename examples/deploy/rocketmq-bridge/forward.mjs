/**
 * What becomes of one message. Nothing here knows RocketMQ, HTTP or the disk: whoever calls brings `post`, `acknowledge` and `bury`.
 *
 * A message is `{ id, body, attempt, corrupted }`, its body a Buffer. An answer of the shim is `{ status, error, after, rejected }`: the HTTP
 * status, the word in its body that says why (`not-json`), Retry-After in seconds, and how many of the records were bad.
 */

/** Bodies that will never be accepted, by what the shim itself says of them. A proxy's 400 or 413 says nothing about the event. */
const HOPELESS = new Set(['400 not-json', '413 too-large']);

/**
 * - `acknowledge`: the event is on the shim's disk. A bad record in it (`rejected`) is so too, as a dead letter of the shim.
 * - `bury`: it will never be taken: keep it here, then acknowledge.
 * - `leave`: everything else is a fault of the shim, the way to it or the settings (401, 404, 503, no answer) and may be over when
 *   RocketMQ delivers the message again.
 */
export function decide(answer) {
  if (answer?.status === 202) return 'acknowledge';
  return HOPELESS.has(`${answer?.status} ${answer?.error}`) ? 'bury' : 'leave';
}

/**
 * A function that forwards one message and tells how it went: `{ outcome, after }`.
 * - `taken`, `buried`: RocketMQ need not keep it any longer, and knows.
 * - `repeated`: as those, but RocketMQ could not be told, so it comes again; the shim knows it again and counts a duplicate.
 * - `left`: it comes again, and until the shim is well there is no point in sending others.
 * - `corrupted`: it did not come whole from RocketMQ; it comes again, and others may be sent.
 */
export function createForward({ post, acknowledge, bury, log }) {
  const tell = async (message, outcome) => {
    try {
      await acknowledge(message);
      return { outcome };
    } catch (error) {
      log('could not acknowledge', { message: message.id, detail: error.message });
      return { outcome: 'repeated' };
    }
  };
  return async (message) => {
    if (message.corrupted) {
      log('a message does not fit its checksum', { message: message.id });
      return { outcome: 'corrupted' };
    }
    let answer;
    try {
      answer = await post(message.body);
    } catch (error) {
      // It may have been taken all the same: only an answer counts, and a repetition does no harm.
      log('no answer', { message: message.id, detail: error.message });
      return { outcome: 'left' };
    }
    switch (decide(answer)) {
      case 'acknowledge':
        if (answer.rejected > 0) log('the shim put a bad event with its dead letters', { message: message.id });
        return tell(message, 'taken');
      case 'bury':
        try {
          await bury(message, answer);
        } catch (error) {
          log('could not write the dead letter', { message: message.id, detail: error.message });
          return { outcome: 'left' };
        }
        log('a message will never be taken and is with the dead letters', {
          message: message.id,
          status: answer.status,
          error: answer.error,
        });
        return tell(message, 'buried');
      default:
        log('not taken', { message: message.id, status: answer.status, error: answer.error });
        return { outcome: 'left', after: answer.after };
    }
  };
}
