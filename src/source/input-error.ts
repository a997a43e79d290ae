import { EXIT, UpcastError } from '../errors.ts';

const EXIT_OF: Readonly<Record<string, typeof EXIT.noInput | typeof EXIT.permission>> = {
  ENOENT: EXIT.noInput,
  ENOTDIR: EXIT.noInput,
  ELOOP: EXIT.noInput,
  ENAMETOOLONG: EXIT.noInput,
  EACCES: EXIT.permission,
  EPERM: EXIT.permission,
};

/** The error for a file that cannot be found, opened or read; whatever the system says that is not known here is an I/O error. */
export function inputError(path: string, error: unknown): unknown {
  if (error instanceof UpcastError || !(error instanceof Error)) return error;
  const reason = (error as NodeJS.ErrnoException).code ?? '';
  const exit = EXIT_OF[reason] ?? EXIT.io;
  const what = exit === EXIT.noInput ? 'there is no file' : exit === EXIT.permission ? 'no permission to read' : 'cannot read';
  return new UpcastError({
    code: exit === EXIT.noInput ? 'no-input' : exit === EXIT.permission ? 'input-permission' : 'input-io',
    message: `${what} ${path} (${reason || error.message})`,
    exit,
    place: path,
    cause: error,
  });
}
