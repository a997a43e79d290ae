import { EXIT } from '../errors.ts';
import { isBrokenPipe } from './output.ts';
import { runProgram } from './program.ts';

/** A reader that went away (`… | head`) ends the program quietly; any other trouble with a stream is an I/O error. */
function endOnStreamError(error: Error): void {
  process.exit(isBrokenPipe(error) ? EXIT.ok : EXIT.io);
}

process.stdout.on('error', endOnStreamError);
process.stderr.on('error', endOnStreamError);

const { stdin, stdout, stderr, env } = process;
// Not process.exit: what was written to a pipe may still be on its way.
process.exitCode = await runProgram(process.argv.slice(2), { stdin, stdout, stderr, env });
