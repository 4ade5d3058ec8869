/**
 * The relay of the soak as a process of its own, from the build, with every limit as it ships. Asked over IPC it tells
 * what it holds: resident and heap bytes, and how long its event loop was late.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startRelay } from '../../../dist/server/relay.js';

const { DIR, ORG } = process.env;
const note = (fields, text) => process.send?.({ type: 'log', text: `${text} ${fields.err ?? fields.code ?? ''}` });
const relay = await startRelay(
  { dataDir: DIR, host: '127.0.0.1', port: 0, orgs: [ORG], admission: readFileSync(join(DIR, 'admission')) },
  { log: { info: () => {}, warn: note, error: note }, now: Date.now },
);
const late = monitorEventLoopDelay({ resolution: 10 });
late.enable();
process.on('message', () => {
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({
    type: 'sample',
    rss,
    heap: heapUsed,
    external,
    lateP99Ms: late.percentile(99) / 1e6 - 10,
    lateMaxMs: late.max / 1e6 - 10,
  });
  late.reset();
});
process.once('disconnect', () => void relay.close().then(() => process.exit(0)));
process.send?.({ type: 'listening', port: relay.port, pin: relay.pin });
