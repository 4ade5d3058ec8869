/**
 * Proxies for tests, on loopback: an honest one of each kind that notes what it was asked and every byte that it saw,
 * and ones that do harm. Written by hand, so that they can say what no library would.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';

export interface TestProxy {
  readonly port: number;
  /** What clients wanted to reach, `host:port`. */
  readonly targets: string[];
  /** Name and password, as they came: `Basic …`, or `user:password` with SOCKS5. */
  readonly logins: string[];
  /** Bytes that came out of a client after its handshake with the proxy. */
  readonly carried: Buffer[];
  /** Clients that are connected. */
  clients(): number;
  close(): Promise<void>;
}

export interface ProxyHabits {
  /** Instead of the target that was asked for. */
  readonly leadTo?: number;
  /** Wants this; a SOCKS5 proxy wants `user:password`, a CONNECT one the base64 of it. */
  readonly login?: string;
  /** Said instead of the answer, byte for byte; then it falls silent, or hangs up. */
  readonly says?: Uint8Array | string;
  readonly hangsUp?: boolean;
  /** Said again and again, until the client goes. */
  readonly floods?: string;
  /** Said after the right answer, before anything of the relay. */
  readonly adds?: string;
}

interface Asking {
  readonly socket: Socket;
  readonly habits: ProxyHabits;
  readonly proxy: Pick<TestProxy, 'targets' | 'logins' | 'carried'>;
}

type Serve = (asking: Asking, first: Buffer) => void;
type Identity = { readonly key: string; readonly cert: string };

async function listen(serve: Serve, habits: ProxyHabits, identity?: Identity): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const proxy = { targets: [] as string[], logins: [] as string[], carried: [] as Buffer[] };
  const take = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      if (habits.floods !== undefined) flood(socket, habits.floods);
      else if (habits.says !== undefined) say(socket, habits.says, habits.hangsUp === true);
      else if (habits.hangsUp === true) socket.destroy();
      else serve({ socket, habits, proxy }, first);
    });
  };
  const server: Server = identity === undefined ? createServer(take) : createTls(identity, take);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
  return {
    ...proxy,
    port: address.port,
    clients: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function say(socket: Socket, text: Uint8Array | string, hangsUp: boolean): void {
  socket.write(text);
  if (hangsUp) socket.end();
}

/** As fast as the client reads. */
function flood(socket: Socket, text: string): void {
  const much = text.repeat(Math.ceil(65_536 / text.length));
  const more = () => {
    if (!socket.destroyed) socket.write(much, () => setImmediate(more));
  };
  more();
}

function carry({ socket, habits, proxy }: Asking, target: string, yes: Uint8Array | string, no: () => void): void {
  proxy.targets.push(target);
  const port = habits.leadTo ?? Number(target.slice(target.lastIndexOf(':') + 1));
  const there = connect({ host: '127.0.0.1', port });
  there.on('error', no);
  there.once('connect', () => {
    socket.write(yes);
    if (habits.adds !== undefined) socket.write(habits.adds);
    socket.on('data', (chunk: Buffer) => proxy.carried.push(chunk));
    socket.pipe(there).pipe(socket);
  });
  socket.on('close', () => there.destroy());
  there.on('close', () => socket.destroy());
}

/** HTTP CONNECT; over TLS with an identity. */
export const startConnectProxy = (habits: ProxyHabits = {}, identity?: Identity): Promise<TestProxy> =>
  listen(
    (asking, first) => {
      const { socket, proxy } = asking;
      const [line = '', ...headers] = first.toString('latin1').split('\r\n');
      const login = headers.find((each) => /^proxy-authorization:/i.test(each))?.replace(/^[^:]*:\s*/, '');
      if (login !== undefined) proxy.logins.push(login);
      if (habits.login !== undefined && login !== `Basic ${habits.login}`) {
        socket.end(
          'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
        );
        return;
      }
      const target = /^CONNECT (\S+) HTTP\/1\.1$/.exec(line)?.[1];
      if (target === undefined) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      else
        carry(asking, target, 'HTTP/1.1 200 Connection established\r\n\r\n', () =>
          socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'),
        );
    },
    habits,
    identity,
  );

const granted = Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]);

/** SOCKS5 (RFC 1928, 1929). */
export const startSocksProxy = (habits: ProxyHabits = {}): Promise<TestProxy> =>
  listen((asking) => {
    const { socket, proxy } = asking;
    const askWhere = () =>
      socket.once('data', (request: Buffer) => {
        const target = readTarget(request);
        if (target === undefined) socket.destroy();
        else carry(asking, target, granted, () => socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
      });
    if (habits.login === undefined) {
      socket.write(Buffer.from([5, 0]));
      askWhere();
      return;
    }
    socket.write(Buffer.from([5, 2]));
    socket.once('data', (told: Buffer) => {
      const user = told.subarray(2, 2 + (told[1] ?? 0));
      const login = `${user}:${told.subarray(3 + user.length)}`;
      proxy.logins.push(login);
      socket.write(Buffer.from([1, login === habits.login ? 0 : 1]));
      if (login === habits.login) askWhere();
    });
  }, habits);

function readTarget(request: Buffer): string | undefined {
  if (request[0] !== 5 || request[1] !== 1) return undefined;
  const port = request.readUInt16BE(request.length - 2);
  if (request[3] === 1) return `${[...request.subarray(4, 8)].join('.')}:${port}`;
  if (request[3] === 3) return `${request.subarray(5, request.length - 2).toString('latin1')}:${port}`;
  return undefined;
}
