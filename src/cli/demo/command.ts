/** `muster demo` as a command; what it does is in demo.ts. */
import type { Command } from 'commander';
import { Broken } from '../../wire/fault.ts';
import type { Io } from '../io.ts';

export function addDemo(program: Command, io: Io): void {
  program
    .command('demo')
    .description(
      'Play the main job once: found an organisation, talk, drill while a relay dies, write evidence and check it.',
    )
    .option('--out <dir>', 'where the evidence pack goes', 'demo-out')
    .option('--json', 'print one JSON object at the end instead of the summary')
    .option('--open', 'keep it running and open the window of one of the devices')
    .option('--kill <relay>', 'which relay is killed: 1, 2 or 3', '2')
    .option('--kill-after-ms <ms>', 'kill it this long after the devices are up, instead of in the middle of the drill')
    .addHelpText('after', '\nExample:\n  npm run demo\n  npm run demo -- --json --out demo-out\n')
    .action(async (raw: { out: string; json?: true; open?: true; kill: string; killAfterMs?: string }) => {
      const killAfterMs = raw.killAfterMs === undefined ? undefined : Number(raw.killAfterMs);
      // Loaded only here: the demo needs everything, and no other command does.
      const { runDemo } = await import('./demo.ts');
      const result = await runDemo(
        {
          out: raw.out,
          kill: Math.min(3, Math.max(1, Math.trunc(Number(raw.kill)) || 2)),
          ...(raw.json === undefined ? {} : { json: true }),
          ...(raw.open === undefined ? {} : { open: true }),
          ...(killAfterMs === undefined ? {} : { killAfterMs }),
        },
        io,
      );
      if (!result.ok)
        throw new Broken('broken', 'The demo did not show what it should have; the lines above say where.');
    });
}
