import type { ExitCode } from '../../errors.ts';
import { EXIT } from '../../errors.ts';
import { createStreamLog } from '../../jetstream/log.ts';
import { partitionsOf } from '../../jetstream/setup.ts';
import { formatCount } from '../../report/figures.ts';
import { publish } from '../../work/publish.ts';
import type { Flags } from '../config.ts';
import { resolveSettings } from '../config.ts';
import { readIds, readingOf } from '../job.ts';
import { asked, connectWith, streamOf } from '../nats.ts';
import type { Io } from '../output.ts';
import { warn } from '../output.ts';
import { pipedInput } from '../paths.ts';

/** `publish [INPUT…] --to nats://HOST/STREAM`: 1.0 events into a stream, in their order, each once. Exit 3: some are too long. */
export async function publishCommand(inputs: readonly string[], flags: Flags, io: Io): Promise<ExitCode> {
  const settings = resolveSettings(flags, io.env);
  const to = streamOf(settings, 'to');
  const names = inputs.length > 0 ? inputs : [pipedInput(io, 'zcat log.gz | ccc-upcast publish --to nats://HOST/STREAM')];
  const ids = await readIds(settings.get('ids'));
  const link = await connectWith(settings, to);
  try {
    await asked(to, link, () => partitionsOf(link, to.stream));
    const { published, before, left } = await publish(
      {
        ...readingOf(settings),
        ids,
        inputs: names,
        merge: settings.on('merge'),
        limit: settings.get('limit'),
        signal: io.stopSignal?.(),
        onProgress: undefined,
      },
      await createStreamLog(link, to.stream),
    );
    for (const place of left.slice(0, 10))
      warn(io, `a record is longer than --max-line and was not published: ${place}`, settings.get('color'));
    if (!settings.on('quiet')) {
      const already = before === 0 ? '' : `, ${formatCount(before)} were there already`;
      io.stderr.write(`published ${formatCount(published)} events to ${to.stream}${already}\n`);
    }
    return left.length > 0 ? EXIT.deadLetters : EXIT.ok;
  } finally {
    await link.close();
  }
}
