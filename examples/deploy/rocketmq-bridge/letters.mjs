import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';

/** A function that adds a message to a file of dead letters, one JSON line each; on disk when it resolves. */
export function createLetters(path, now = () => new Date().toISOString()) {
  // One after the other, so that no line breaks into another.
  let last = Promise.resolve();
  return (message, answer) => {
    const { id, body, attempt } = message;
    // Byte for byte: what is no UTF-8 would not survive as text.
    const raw = isUtf8(body) ? { body: body.toString('utf8') } : { bodyBase64: body.toString('base64') };
    const line = `${JSON.stringify({ at: now(), message: id, attempt, status: answer.status, error: answer.error, ...raw })}\n`;
    const written = last.then(() => append(path, line));
    last = written.catch(() => {});
    return written;
  };
}

async function append(path, line) {
  // Bodies are personal data.
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(line);
    await file.sync();
  } finally {
    await file.close();
  }
}
