/** The shim over HTTP. */

const JSON_TYPE = { 'content-type': 'application/json' };

/** `post(body)` gives the shim's answer and rejects without one, `probe()` tells whether it takes events at the moment. */
export function createShim({ url, token, deadline }) {
  const headers = token === undefined ? JSON_TYPE : { ...JSON_TYPE, authorization: `Bearer ${token}` };
  const post = async (body) => {
    // One timer for all of it, the body of the answer too: half an answer is none.
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(deadline) });
    const text = await response.text();
    const { error, rejected } = parse(text);
    const after = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      status: response.status,
      error: typeof error === 'string' ? error : undefined,
      after: after >= 0 ? after : undefined,
      rejected: Array.isArray(rejected) ? rejected.length : 0,
    };
  };
  return {
    post,
    /** An empty list of events goes the whole way, credentials and room on the disk included, and leaves nothing behind. */
    probe: () =>
      post('[]').then(
        ({ status }) => status === 202,
        () => false,
      ),
  };
}

function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
