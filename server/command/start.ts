/** `relay start`: in the foreground, until it is told to stop. */
import type { Command } from 'commander';
import { digits, facts, table } from '../../src/cli/say.ts';
import { readAdmission } from '../../src/core/admission.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { PeerFault } from '../../src/wire/fault.ts';
import type { OrgId } from '../../src/wire/id.ts';
import { nodeChecker } from '../check.ts';
import { type Config, readConfig } from '../config.ts';
import { type Key, keys, options, type Settings, textOf, variableOf } from '../option.ts';
import { type RelayIo, readListFile } from './io.ts';

/** From the wish to stop: goodbyes, the last commit, the files. Then it ends whatever is left. */
const stopMs = 10_000;

interface StartFlags extends Readonly<Record<string, unknown>> {
  readonly json?: boolean;
  readonly printConfig?: boolean;
}

export function addStart(relay: Command, io: RelayIo): void {
  const command = relay
    .command('start')
    .description('Run a relay until it is stopped')
    .option('--config <file>', 'settings of this relay; relay.toml in its folder unless said');
  for (const key of keys) command.option(`--${key} ${options[key].takes}`.trim(), options[key].help);
  command
    .option('--json', 'print one JSON line once it listens')
    .option('--print-config', 'print each setting and where it comes from, and do not start')
    .addHelpText(
      'after',
      `
Each setting is a flag, else ${variableOf('listen')} and so on in the environment, else a line of the file.

Example:
  ${io.program} start --data relay1 --listen 0.0.0.0:7443 --org FINGERPRINT --admission list.admission`,
    )
    .action((flags: StartFlags) => start(io, flags));
}

async function start(io: RelayIo, flags: StartFlags): Promise<void> {
  const { json, printConfig } = flags;
  const config = await readConfig({ flags: byName(flags), env: io.env, cwd: io.cwd });
  if (printConfig === true) return printSettings(io, config, json === true);
  const interrupted = io.untilInterrupted();
  // Loaded only here: a command that is no relay need not wait for one.
  const { runRelay } = await import('../run.ts');
  const { admission: path, org: orgs } = config.settings;
  const admission = path === undefined ? undefined : readServed(io, path, orgs);
  const relay = await runRelay(config.settings, {
    log: (line) => io.err(line.trimEnd()),
    now: () => io.now(),
    ...(admission !== undefined && { admission }),
  });
  const { host, port, pin, metricsPort } = relay;
  if (json === true)
    io.out(JSON.stringify({ event: 'listening', host, port, pin, ...(metricsPort && { metricsPort }) }));
  else {
    io.out(`Relay listens on ${textOf(relay)}. Ctrl-C stops it.`);
    io.out(facts([['pin', digits(pin)]]));
    for (const org of config.settings.org.filter((each) => relay.listVersion(each) === 0))
      io.err(
        `No admission list of ${org.slice(0, 8)}… is here yet: it gets its first from --admission, or from a device.`,
      );
  }
  await interrupted;
  const late = setTimeout(() => {
    io.err('The relay did not stop in time and was ended. Everything it acknowledged is on its disk.');
    process.exit(4);
  }, stopMs);
  await relay.close();
  clearTimeout(late);
  io.err('The relay has stopped. Everything it acknowledged is on its disk.');
}

/** A mistyped fingerprint is told before anything runs, with the name of the file. */
function readServed(io: RelayIo, path: string, orgs: readonly OrgId[]): Bytes {
  const bytes = readListFile(io, path);
  const { org } = readAdmission(bytes, nodeChecker);
  if (orgs.length === 0 || orgs.includes(org)) return bytes;
  throw new PeerFault(
    'wrong-organisation',
    `${path} is of organisation ${org.slice(0, 8)}…, and --org names another. Compare all 64 digits.`,
  );
}

/** Commander names `--log-level` `logLevel`. */
const byName = (flags: StartFlags): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    ['config', ...keys].map((key) => [key, flags[key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]]),
  );

function printSettings(io: RelayIo, { settings, origins }: Config, isJson: boolean): void {
  const rows = keys.map((key) => ({ key, value: shownValue(settings, key), from: origins.get(key) ?? '' }));
  if (isJson)
    io.out(
      JSON.stringify(Object.fromEntries(rows.map(({ key, from }) => [key, { value: settings[key] ?? null, from }]))),
    );
  else
    io.out(
      table(
        ['setting', 'value', 'from'],
        rows.map(({ key, value, from }) => [key, value, from]),
      ),
    );
}

function shownValue(settings: Settings, key: Key): string {
  const value = settings[key];
  if (value === undefined) return '-';
  if (Array.isArray(value)) return value.join(' ') || '-';
  if (typeof value !== 'object') return String(value);
  if ('host' in value) return textOf(value);
  return (
    Object.entries(value)
      .map(([name, number]) => `${name}=${number}`)
      .join(' ') || '-'
  );
}
