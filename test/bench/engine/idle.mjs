/** A device alone in its process: `fork(idle.mjs, [vault, relays])`. Tells its resident memory once it has come to rest. */
import { openIn, reaches, until } from './org.mjs';

process.once('disconnect', () => process.exit(0));
const [dir, relays] = process.argv.slice(2);
const device = await openIn(dir);
await reaches(device, Number(relays));
await until(() => device.state.outbox.size === 0, 'everything is sent');
// Several collections happen meanwhile, as in any process that lives for longer than a start.
await new Promise((done) => setTimeout(done, 20_000));
process.send(process.memoryUsage.rss() / 1e6);
