/** A process of the pool: plays the settings it is sent, one after the other, until nobody sends any more. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { module } = await runnerImport(here('./simulate.ts'), { configFile: false, root: here('../..') });
await module.ready();

process.on('message', (setting) => {
  const { digest, steps, wrong } = module.simulate(setting);
  process.send({ seed: setting.seed, digest, steps, wrong });
});
process.send('ready');
