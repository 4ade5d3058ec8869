/**
 * A device alone in its process, with nothing loaded that a device does not load: `fork(idle.mjs, [vault, passphrase])`.
 * Tells its resident memory once it has come to rest.
 */
import { openDevice } from '../../../dist/src/responder/host.js';
import { nodePorts } from '../../../dist/src/responder/node.js';

process.once('disconnect', () => process.exit(0));
const [dir, passphrase] = process.argv.slice(2);
const device = await openDevice(
  dir,
  passphrase,
  nodePorts(() => undefined),
);
// Several collections happen meanwhile, as in any process that lives for longer than a start.
await new Promise((done) => setTimeout(done, 20_000));
const isAtRest = [...device.state.relays.values()].every(({ up }) => up) && device.state.outbox.size === 0;
process.send(isAtRest ? process.memoryUsage.rss() / 1e6 : Number.NaN);
