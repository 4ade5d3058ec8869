/** `npm run sim`: see command.ts, or `npm run sim -- --help`. */
import { load } from '../kit/load.mjs';

const { module, close } = await load(new URL('./command.ts', import.meta.url));
process.exitCode = await module.command(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
await close();
