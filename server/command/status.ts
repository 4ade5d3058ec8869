/** `relay status`: how a relay is, whether it runs or not. */
import type { Command } from 'commander';
import { digits, duration, facts, moment } from '../../src/cli/say.ts';
import { Broken, CallerFault, Refused } from '../../src/wire/fault.ts';
import { type Health, parseHealth, readStored, type Stored } from '../health.ts';
import { askRelay, findRelay, withFolder } from './folder.ts';
import { pathOf, type RelayIo } from './io.ts';

interface StatusFlags {
  readonly data: string;
  readonly json?: boolean;
  readonly check?: boolean;
}

export function addStatus(relay: Command, io: RelayIo): void {
  relay
    .command('status')
    .description('Say how a relay is, running or stopped')
    .requiredOption('--data <folder>', 'the folder of the relay')
    .option('--json', 'one JSON object on the last line')
    .option('--check', 'say nothing if it runs and takes messages; else exit 2 or 3')
    .addHelpText('after', `\nExample:\n  ${io.program} status --data relay1`)
    .action((flags: StatusFlags) => status(io, flags));
}

/** What a stopped relay can say of itself. */
type Still = Omit<Stored, 'waiting'> & { readonly pin: string; readonly port: number | null };

async function status(io: RelayIo, flags: StatusFlags): Promise<void> {
  const dataDir = pathOf(io, flags.data);
  findRelay(dataDir);
  const text = await askRelay(dataDir, 'GET /healthz');
  const running = text === undefined ? undefined : readHealth(text);
  if (flags.check === true) return check(running);
  const found = running ?? (await readStill(dataDir, () => io.now()));
  if (flags.json === true) {
    io.out(JSON.stringify({ running: running !== undefined, ...found }));
    return;
  }
  io.out(running === undefined ? 'This relay does not run.' : `This relay runs since ${moment(running.startedAtMs)}.`);
  io.out(facts([...rowsOf(found, running), ...rowsOfRun(running, io.now())]));
  if (!found.ok)
    io.out(`\n  It takes no messages: ${found.trouble ?? 'its log says why'}. It goes on by itself when that is over.`);
}

/** For whatever starts relays anew. Throws `CallerFault('not-found')` when it does not run, `Refused('disk')` in trouble. */
function check(running: Health | undefined): void {
  if (running === undefined) throw new CallerFault('not-found', 'This relay does not run.');
  if (!running.ok) throw new Refused('disk', `This relay takes no messages: ${running.trouble ?? 'its log says why'}.`);
}

function readHealth(text: string): Health {
  try {
    return parseHealth(text);
  } catch (cause) {
    throw new Broken('broken', 'the relay starts or stops just now, or is of another version; try again', { cause });
  }
}

async function readStill(dataDir: string, now: () => number): Promise<Still> {
  const { keptPlace } = await import('../place.ts');
  const { readIdentity } = await import('../certificate.ts');
  const place = keptPlace(dataDir);
  return withFolder(dataDir, now, async (store, gate, orgs) => {
    const { waiting: _, ...stored } = await readStored(store, gate, orgs, dataDir);
    return { ...stored, pin: readIdentity(dataDir)?.pin ?? place?.pin ?? '', port: place?.port ?? null };
  });
}

type Rows = readonly (readonly [string, string | number])[];

const rowsOf = (found: Still, running: Health | undefined): Rows => [
  ['port', running === undefined ? (found.port ?? 'none yet') : `${running.host} ${running.port}`],
  ['pin', digits(found.pin)],
  ...(found.lists.length === 0 ? [['serves', 'nobody yet'] as const] : []),
  ...found.lists.map(
    ({ org, version }) =>
      [
        'serves',
        `${org.slice(0, 8)}…  ${version === 0 ? 'no admission list yet' : `admission list ${version}`}`,
      ] as const,
  ),
  ['keeps', `${found.envelopes} envelopes in ${found.topics} topics, ${mebibytes(found.bytes)}`],
  [
    'disk',
    `${mebibytes(found.diskBytes)} used, ${found.diskFreeBytes === null ? 'unknown' : mebibytes(found.diskFreeBytes)} free`,
  ],
  ...(found.clock === null ? [] : [['clock', found.clock] as const]),
];

const rowsOfRun = (running: Health | undefined, nowMs: number): Rows =>
  running === undefined
    ? []
    : [
        ['connected', `${running.admitted} devices, ${running.strangers} not proved yet`],
        ['waiting', `${running.waiting} envelopes for the disk`],
        ['memory', mebibytes(running.memoryBytes)],
        ['running for', duration(nowMs - running.startedAtMs)],
      ];

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
