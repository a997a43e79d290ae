/** Settings come from the environment alone; README.md lists them. Throws with all that is wrong, and never shows a value. */
export function readSettings(env) {
  const wrong = [];
  const need = (name) => env[name] || (wrong.push(`${name} is not set`), '');
  const url = env.SHIM_URL || 'http://127.0.0.1:8210/events';
  if (!URL.canParse(url) || !/^https?:/.test(url)) wrong.push('SHIM_URL is no http or https URL');
  const count = (name, fallback, most) => {
    const value = Number(env[name] || fallback);
    if (!Number.isInteger(value) || value < 1 || value > most) wrong.push(`${name} is no whole number from 1 to ${most}`);
    return value;
  };
  const tls = env.ROCKETMQ_TLS || 'on';
  if (tls !== 'on' && tls !== 'off') wrong.push('ROCKETMQ_TLS is neither on nor off');
  const username = env.ROCKETMQ_USERNAME || undefined;
  const password = env.ROCKETMQ_PASSWORD || undefined;
  if ((username === undefined) !== (password === undefined)) wrong.push('of ROCKETMQ_USERNAME and ROCKETMQ_PASSWORD one is not set');
  const settings = {
    shim: { url, token: env.SHIM_TOKEN || undefined, deadline: 10_000 },
    letters: need('DEAD_LETTERS'),
    concurrency: count('CONCURRENCY', 4, 32),
    rocketmq: {
      endpoints: need('ROCKETMQ_ENDPOINTS'),
      topic: need('ROCKETMQ_TOPIC'),
      group: need('ROCKETMQ_GROUP'),
      tag: env.ROCKETMQ_TAG || '*',
      namespace: env.ROCKETMQ_NAMESPACE || '',
      tls: tls === 'on',
      username,
      password,
    },
  };
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  return settings;
}
