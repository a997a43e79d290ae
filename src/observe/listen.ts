import type { Server } from 'node:net';
import { EXIT, UpcastError } from '../errors.ts';

/** A host and a port; 0: any that is free. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Opens the port of a server; returns where it listens. Errors: `cannot-listen` (73, 77). */
export async function listenOn(server: Server, { host, port }: Address): Promise<Address> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new UpcastError({
          code: 'cannot-listen',
          exit: cause.code === 'EACCES' ? EXIT.permission : EXIT.cannotCreate,
          message: `cannot listen on ${host}:${port} (${cause.code ?? cause.message})`,
          hint: 'another program uses the port: name another one with --listen or --admin',
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return { host, port: typeof address === 'object' && address !== null ? address.port : port };
}
