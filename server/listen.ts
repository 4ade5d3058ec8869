/**
 * Servers that listen, and end: however many connections stand open, and whatever the other side does, closing is over
 * within the grace time.
 */
import { connect, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { Broken } from '../src/wire/fault.ts';

export interface Listening {
  /** Of a server on an address; 0 for one on a path. */
  readonly port: number;
  /** Takes nobody on from now; cuts who is still there after the grace time, given in milliseconds. */
  close(graceMs: number): Promise<void>;
}

/** Resolves when it listens. Rejects with `Broken('io')`, the reason as its cause. */
export function startListening(
  server: Server,
  where: { readonly host: string; readonly port: number } | { readonly path: string },
): Promise<Listening> {
  // Not `closeAllConnections`: it knows neither websockets nor who has not finished the TLS handshake.
  const open = new Set<Socket>();
  // One for all: thousands of sockets sit idle.
  function forget(this: Socket): void {
    open.delete(this);
  }
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', forget);
  });
  const close = async (graceMs: number): Promise<void> => {
    const isClosed = new Promise<void>((resolve) => server.close(() => resolve()));
    const cutting = setTimeout(() => {
      for (const socket of open) socket.destroy();
    }, graceMs);
    await isClosed;
    clearTimeout(cutting);
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(new Broken('io', failureOf(where), { cause }));
    server.once('error', fail);
    server.listen('path' in where ? { path: where.path } : { host: where.host, port: where.port }, () => {
      server.off('error', fail);
      const address = server.address();
      resolve({ port: typeof address === 'object' && address !== null ? address.port : 0, close });
    });
  });
}

const failureOf = (where: { readonly port: number } | { readonly path: string }): string =>
  'port' in where
    ? `cannot listen on port ${where.port}; is another program using it, or is the address not of this machine?`
    : 'cannot listen on the control socket';

/** Whether somebody takes a connection there. Without `timeout` (milliseconds) it waits as long as the system does. */
export function isAnswered(where: NetConnectOpts): Promise<boolean> {
  return new Promise((found) => {
    const socket = connect(where);
    const end = (answer: boolean) => () => {
      socket.destroy();
      found(answer);
    };
    socket.once('connect', end(true));
    for (const event of ['error', 'timeout'] as const) socket.once(event, end(false));
  });
}
