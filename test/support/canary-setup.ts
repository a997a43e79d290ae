import type { Server, ServerResponse } from 'node:http';
import { afterAll, afterEach, vi } from 'vitest';
import type { Io, Stream } from '../../src/cli/output.ts';
import { printsData, takeLeaks, tellLeak, watch } from './canary.ts';

// Runs before every test file: each mouth of the program speaks as it does, and is heard.

vi.mock(import('../../src/errors.ts'), async (original) => {
  const module = await original();
  class UpcastError extends module.UpcastError {
    constructor(...args: ConstructorParameters<typeof module.UpcastError>) {
      super(...args);
      const { code, message, place, hint, cause } = this;
      watch(`the error ${code}`, [message, place, hint, cause instanceof Error ? cause.message : ''].join(' '));
    }
  }
  return { ...module, UpcastError };
});

vi.mock(import('../../src/observe/log.ts'), async (original) => {
  const module = await original();
  const createLog: typeof module.createLog = (stream, level) =>
    module.createLog(
      heard(stream, (text) => watch('the log', text)),
      level,
    );
  return { ...module, createLog };
});

vi.mock(import('../../src/cli/program.ts'), async (original) => {
  const module = await original();
  const runProgram: typeof module.runProgram = async (args, io, runner) => {
    const said = { stdout: '', stderr: '' };
    const stream = (name: 'stdout' | 'stderr'): Stream =>
      heard(io[name], (text) => {
        said[name] += text;
      });
    const exit = await module.runProgram(args, { ...io, stdout: stream('stdout'), stderr: stream('stderr') } satisfies Io, runner);
    watch(`stderr of ${args.join(' ')}`, said.stderr);
    if (!printsData(args)) watch(`stdout of ${args.join(' ')}`, said.stdout);
    return exit;
  };
  return { ...module, runProgram };
});

vi.mock(import('../../src/report/text.ts'), async (original) => {
  const { renderText, ...module } = await original();
  return { ...module, renderText: (result) => told('the report', renderText(result)) };
});

vi.mock(import('../../src/report/json.ts'), async (original) => {
  const { renderJson, ...module } = await original();
  return { ...module, renderJson: (result) => told('the JSON report', renderJson(result)) };
});

vi.mock(import('../../src/sink/side-lines.ts'), async (original) => {
  const { badRecordLine, deadLetterLine, ...module } = await original();
  return {
    ...module,
    // The rest of the line is the record.
    badRecordLine(context, bad) {
      watch('the message of a dead letter', bad.message);
      return badRecordLine(context, bad);
    },
    deadLetterLine(context, outcome) {
      watch('the message of a dead letter', outcome.message ?? '');
      return deadLetterLine(context, outcome);
    },
  };
});

vi.mock(import('../../src/observe/admin.ts'), async (original) => {
  const { createAdmin, ...module } = await original();
  return { ...module, createAdmin: (...args) => answering('an answer of the admin port', createAdmin(...args)) };
});

vi.mock(import('../../src/shim/intake.ts'), async (original) => {
  const { createIntake, ...module } = await original();
  return { ...module, createIntake: (...args) => answering('an answer of the intake', createIntake(...args)) };
});

const complain = (): void => {
  const leaks = new Set(takeLeaks().map(tellLeak));
  if (leaks.size > 0) throw new Error([...leaks].join('\n'));
};
afterEach(complain);
// What was said behind the last test.
afterAll(complain);

function told(where: string, text: string): string {
  watch(where, text);
  return text;
}

function heard<S extends { write(text: string): unknown }>(stream: S, hear: (text: string) => void): S {
  return new Proxy(stream, {
    get(target, name) {
      if (name !== 'write') return Reflect.get(target, name, target);
      return (text: string) => {
        hear(text);
        return target.write(text);
      };
    },
  });
}

function answering(where: string, server: Server): Server {
  return server.prependListener('request', (_request: unknown, response: ServerResponse) => {
    const said: Buffer[] = [];
    for (const name of ['write', 'end'] as const) {
      const speak = response[name].bind(response) as (...args: unknown[]) => unknown;
      const hear = (...args: unknown[]): unknown => {
        if (typeof args[0] === 'string' || args[0] instanceof Uint8Array) said.push(Buffer.from(args[0] as string));
        return speak(...args);
      };
      Object.assign(response, { [name]: hear });
    }
    response.on('close', () => watch(where, Buffer.concat(said).toString('utf8')));
  });
}
