/** The least that a websocket server can be, with the same Node, flags and settings: what a connection costs by itself. */
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import WebSocket, { WebSocketServer } from 'ws';

const { BARE_PORT, BARE_DIR } = process.env;
if (BARE_PORT !== undefined) {
  const read = (name) => readFileSync(join(BARE_DIR, name));
  const server =
    BARE_DIR === ''
      ? createPlainServer()
      : createServer({ key: read('key.pem'), cert: read('certificate.pem'), minVersion: 'TLSv1.3' });
  const upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
  server.on('upgrade', (request, socket, head) => {
    upgrader.handleUpgrade(request, socket, head, (opened) => {
      opened.on('message', (bytes) => opened.send(bytes));
      opened.on('error', () => opened.terminate());
    });
  });
  server.listen(Number(BARE_PORT), '127.0.0.1');
}

export function barePeer(name, { isPlain }) {
  const none = () => Promise.reject(new Error('a bare server stores nothing'));
  return {
    name,
    async start(ctx) {
      const { spawnServer, waitPort } = await import(`file://${process.cwd()}/lib/proc.mjs`);
      const { initRelay } = await import('../../../dist/server/run.js');
      if (!isPlain) await initRelay(ctx.dir);
      const server = spawnServer(process.execPath, [fileURLToPath(import.meta.url)], {
        env: { BARE_PORT: String(ctx.port), BARE_DIR: isPlain ? '' : ctx.dir },
        log: ctx.log,
      });
      await waitPort(ctx.port);
      return server;
    },
    async setup() {},
    publisher: none,
    subscriber: none,
    async idle(ctx, _from, count) {
      const all = await Promise.all(
        Array.from({ length: count }, async () => {
          const socket = new WebSocket(`${isPlain ? 'ws' : 'wss'}://127.0.0.1:${ctx.port}/`, {
            perMessageDeflate: false,
            rejectUnauthorized: false,
          });
          await new Promise((done, fail) => {
            socket.once('error', fail);
            socket.once('open', () => socket.send(Buffer.alloc(48)));
            socket.once('message', done);
          });
          return socket;
        }),
      );
      return {
        close() {
          for (const socket of all) socket.terminate();
        },
      };
    },
  };
}
