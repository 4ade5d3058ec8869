/** A relay for the bench as a process of its own, with every limit as it ships but rates. Ends with whoever started it. */
import { readFileSync } from 'node:fs';
import { relayLimits } from '../../../dist/server/limit.js';
import { startRelay } from '../../../dist/server/relay.js';

process.once('disconnect', () => process.exit(0));
const [dataDir, port, org, admission] = process.argv.slice(2);
const rates = [
  'framesPerSecond',
  'framesAtOnce',
  'envelopesPerSecond',
  'envelopesAtOnce',
  'bytesPerSecond',
  'bytesAtOnce',
];
const note = (fields, text) => console.error(text, fields.err ?? fields.code ?? '');
await startRelay(
  {
    dataDir,
    host: '127.0.0.1',
    port: Number(port),
    orgs: [org],
    admission: readFileSync(admission),
    limits: { ...relayLimits, ...Object.fromEntries(rates.map((name) => [name, 1e12])) },
  },
  { log: { info: () => undefined, warn: note, error: note }, now: Date.now },
);
process.send('listening');
