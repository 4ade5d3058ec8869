/**
 * `npm run fault [-- --kills 200 --cuts 60 --freeze 30 --seed S]`: the fault tests of the relay, longer than CI runs
 * them. `--trace`: looks, where there is a strace, whether each acknowledgement waited for an fsync.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { load } from '../kit/load.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    cuts: { type: 'string', default: '60' },
    freeze: { type: 'string', default: '30' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

if (values.trace) {
  const { module, close } = await load(new URL('./trace.ts', import.meta.url));
  process.exitCode = await module.trace();
  await close();
} else {
  const env = { ...process.env, KILLS: values.kills, CUTS: values.cuts, FREEZE: values.freeze };
  if (values.seed !== undefined) env.SEED = values.seed;
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fault', 'test/fault/relay'];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  child.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
