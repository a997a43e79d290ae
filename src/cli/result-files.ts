import { openFileSink } from '../sink/file.ts';
import type { Sink } from '../sink/sink.ts';
import type { Settings } from './config.ts';

/** Files into which a result is written once it is there. */
export interface ResultFiles<T> {
  /** Opened before the work begins: hours of reading must not end at a file that cannot be written. No path, no file. */
  open(path: string | undefined, text: (found: T) => string): void;
  /** Writes them all, each under its own name only when it is whole. */
  write(found: T): Promise<void>;
  /** Takes away what is not whole. */
  remove(): Promise<void>;
}

/** Result files of a command; those that exist are overwritten only with `--force`. */
export function createResultFiles<T>(settings: Settings): ResultFiles<T> {
  const unfinished: { readonly sink: Sink; readonly text: (found: T) => string }[] = [];
  return {
    open(path, text) {
      if (path !== undefined) unfinished.push({ sink: openFileSink(path, { force: settings.on('force') }), text });
    },
    async write(found) {
      for (let next = unfinished[0]; next !== undefined; next = unfinished[0]) {
        const bytes = new TextEncoder().encode(next.text(found));
        next.sink.line(bytes, 0, bytes.length);
        await next.sink.finish();
        unfinished.shift();
      }
    },
    async remove() {
      for (const { sink } of unfinished) await sink.remove();
    },
  };
}

/** Path of a report that may be a page, data or text, by its ending. Errors: usage (2). */
export function reportPathOf(settings: Settings): string | undefined {
  const path = settings.get('report');
  if (path === undefined || /\.(html|json|txt)$/.test(path)) return path;
  throw settings.error('report', `report: expected a name that ends in .html, .txt or .json, got ${JSON.stringify(path)}`);
}

/** The form of a result that a report's name asks for. */
export function formFor(
  path: string,
  forms: { readonly html: () => string; readonly json: () => object; readonly text: () => string },
): string {
  if (path.endsWith('.html')) return forms.html();
  return path.endsWith('.json') ? `${JSON.stringify(forms.json(), null, 2)}\n` : forms.text();
}
