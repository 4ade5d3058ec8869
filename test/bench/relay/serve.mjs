/**
 * The relay as a process of its own, from the build: real authentication, a real admission list and every limit of
 * server/limit.ts, but for the rates of a device, which are set above what a bench sends.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRelay } from '../../../dist/server/relay.js';

const { DIR, PORT, TLS, ORG } = process.env;
const much = 1e9;
const quiet = { info: () => {}, warn: () => {}, error: (fields, text) => console.error(text, fields) };

const relay = await startRelay(
  {
    dataDir: DIR,
    host: '127.0.0.1',
    port: Number(PORT),
    orgs: [ORG],
    admission: readFileSync(join(DIR, 'admission')),
    tls: { kind: TLS === 'off' ? 'off' : 'own' },
    limits: {
      connections: 16_384,
      strangers: 16_384,
      connectionsPerDevice: 16_384,
      connectionsPerAddress: 16_384,
      framesPerSecond: much,
      framesAtOnce: much,
      envelopesPerSecond: much,
      envelopesAtOnce: much,
      bytesPerSecond: much,
      bytesAtOnce: much,
    },
  },
  { log: quiet, now: Date.now },
);
process.once('SIGTERM', () => void relay.close().then(() => process.exit(0)));
