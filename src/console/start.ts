/**
 * The console: the window in an ordinary browser of this machine, over loopback. For machines without Electron.
 *
 *   GET  /open?key=…    exchanges the one-time key for a session cookie, then goes to `/`
 *   GET  /, /assets/…   the window's files, from a list read at the start
 *   POST /call/<name>   one call through the gate; body and answer are JSON
 *   POST /give/<name>   a call that comes with a file, which is the body
 *   POST /take/<name>   a call that is answered with a file: where to download it, once, under /taken/
 *   GET  /changes       Server-Sent Events: what to read again
 *
 * It must never listen on anything but 127.0.0.1, answer without the cookie, or add a header that lets another page in.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Asset, readAssets } from '../ipc/asset.ts';
import type { WindowHost } from '../ipc/host.ts';
import { pageHeaders } from '../ipc/page.ts';
import { readBody } from './body.ts';
import { createDownloads, receive } from './carry.ts';
import { createChanges } from './change.ts';
import { type Access, createAccess, isOurHost, isOurPage } from './guard.ts';

export interface ConsoleOptions {
  readonly host: Pick<WindowHost, 'gate' | 'give' | 'take' | 'onChange'>;
  /** The built renderer, `dist/renderer`. */
  readonly assetsDir: string;
}

export interface Console {
  /** Opens the window once: the key in it is spent by the first browser that shows it. */
  readonly url: string;
  /** Ends every open window's connection. The host is left open. */
  close(): Promise<void>;
}

type Finish = (status: number, body?: string | Asset, more?: Readonly<Record<string, string>>) => void;

const json = (value: unknown): Asset => ({ type: 'application/json', body: Buffer.from(JSON.stringify(value)) });
const text = (body: string): Asset => ({ type: 'text/plain; charset=utf-8', body: Buffer.from(body) });
/** For the largest file from the slowest stick. Only who was let in by then may take it. */
const slowestMs = 10 * 60_000;

const notAdmitted =
  'Muster does not know this browser. Open the address that Muster printed when it was started; it works once. If it was used already, start Muster again for a new one.\n';

/** Throws Broken when the folder holds no built window. */
export async function startConsole({ host, assetsDir }: ConsoleOptions): Promise<Console> {
  const assets = await readAssets(assetsDir);
  const changes = createChanges();
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: slowestMs, headersTimeout: 10_000 });
  const downloads = createDownloads();
  server.maxConnections = 64;

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const access: Access = createAccess(port);

  async function answer(request: IncomingMessage, response: ServerResponse, finish: Finish): Promise<void> {
    if (!isOurHost(request.headers.host, port)) return finish(403, 'This address does not belong to Muster.\n');
    const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);

    if (request.method === 'GET' && path === '/open') {
      const cookie = access.exchange(new URLSearchParams(query).get('key') ?? '');
      if (cookie !== undefined) return finish(303, undefined, { Location: '/', 'Set-Cookie': cookie });
      // Opening the printed address again in the browser that is already in is a person's habit, not an attack.
      return access.admits(request.headers.cookie)
        ? finish(303, undefined, { Location: '/' })
        : finish(403, notAdmitted);
    }
    if (!access.admits(request.headers.cookie)) return finish(403, notAdmitted);

    if (request.method === 'GET' && path === '/changes') {
      if (!isOurPage(request.headers)) return finish(403, 'Only the window itself may listen for changes.\n');
      if (!changes.add(response, pageHeaders))
        finish(503, 'Too many windows are open. Close one, then reload this one.\n');
      return;
    }
    const [, kind = '', name = ''] = /^\/(call|give|take)\/(.*)$/.exec(path) ?? [];
    if (kind !== '') {
      if (request.method !== 'POST') return finish(405, 'A call is a POST.\n', { Allow: 'POST' });
      if (!isOurPage(request.headers)) return finish(403, 'Only the window itself may make calls.\n');
      if (kind === 'give')
        return finish(200, json(await receive(host.give, name, new URLSearchParams(query), request)));
      const body = await readBody(request);
      if (!body.ok) return finish(body.status, `${body.text}\n`, { Connection: 'close' });
      if (kind === 'call') return finish(200, json(await host.gate(name, body.value)));
      const reply = await host.take(name, body.value);
      return finish(
        200,
        json(reply.ok ? { ok: true, value: { name: reply.value.name, path: downloads.put(reply.value) } } : reply),
      );
    }
    if (path.startsWith('/taken/') && request.method === 'GET' && isOurPage(request.headers))
      if (await downloads.send(path, response, pageHeaders)) return;
    const asset = assets.get(path);
    if (asset === undefined) return finish(404, 'There is nothing here.\n');
    if (request.method !== 'GET') return finish(405, 'This can only be read.\n', { Allow: 'GET' });
    finish(200, asset);
  }

  server.on('request', (request, response) => {
    const finish: Finish = (status, body, more = {}) => {
      const { type, body: bytes } = typeof body === 'object' ? body : text(body ?? '');
      response.writeHead(status, { ...pageHeaders, 'Content-Type': type, 'Content-Length': bytes.length, ...more });
      response.end(bytes);
    };
    answer(request, response, finish).catch(() => {
      if (!response.headersSent) finish(500, 'Something went wrong inside Muster.\n');
      else response.destroy();
    });
  });

  const unsubscribe = host.onChange((change) => changes.tell(change));
  return {
    url: `http://127.0.0.1:${port}/open?key=${access.key}`,
    async close() {
      unsubscribe();
      changes.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
