/** What the relay writes to its sockets past the websocket library: read as it was meant, and in one write for each step. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Corks } from '../../server/cork.ts';
import { startListening } from '../../server/listen.ts';
import { openUpgrades } from '../../server/upgrade.ts';
import { equal } from '../../src/wire/bytes.ts';
import { until } from '../kit/until.ts';

const message = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + size) & 0xff);

it('reads as the messages that were sent, with every form of head and frames of the library between them', async () => {
  const sizes = [0, 1, 125, 126, 127, 16_384, 16_385, 65_535, 65_536, 1024 * 1024, 2];
  const server = createServer();
  const takeUpgrades = await openUpgrades();
  let taken = 0;
  takeUpgrades(server, (socket, _address, stream) => {
    const corks = new Corks();
    for (const size of sizes) {
      corks.send(stream, message(size), () => {
        taken += 1;
      });
      socket.ping();
    }
    socket.close(4400, 'over');
  });
  const { port, close } = await startListening(server, { host: '127.0.0.1', port: 0 });
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  const got: Uint8Array[] = [];
  let pings = 0;
  client.on('ping', () => {
    pings += 1;
  });
  client.on('message', (bytes, isBinary) => {
    if (isBinary && bytes instanceof Uint8Array) got.push(bytes);
  });
  const [code] = await once(client, 'close');
  expect([code, pings, got.map((bytes) => bytes.length)]).toEqual([4400, sizes.length, sizes]);
  expect(got.every((bytes, i) => equal(bytes, message(sizes[i] ?? 0)))).toBe(true);
  await until(() => taken === sizes.length, 'the network has taken all of it');
  await close(0);
});

it('leaves in one write for each step, and nothing waits for the next', async () => {
  const writes: number[] = [];
  const stream = new Writable({
    highWaterMark: 1024 * 1024,
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(chunk.length);
      done();
    },
    writev: (chunks, done) => {
      writes.push(chunks.reduce((sum, { chunk }: { chunk: Buffer }) => sum + chunk.length, 0));
      done();
    },
  });
  const corks = new Corks();
  for (const sizes of [[10], [10, 20, 30], [70_000, 1]]) {
    for (const size of sizes) corks.send(stream, message(size), () => undefined);
    await new Promise((done) => setImmediate(done));
  }
  expect(writes).toEqual([12, 66, 70_000 + 10 + 3]);
});
