/** `muster list draft`: from files that people wrote and devices made to a draft that custodians can sign. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { maxBundleBytes, readBundle } from '../core/bundle.ts';
import { makeDraft, readDraft } from '../core/draft.ts';
import { orgOf, readGenesis } from '../core/genesis.ts';
import { type JoinRequest, maxJoinBytes, readJoin } from '../core/join.ts';
import type { OrgRetention } from '../core/retention.ts';
import { safetyWords } from '../core/words.ts';
import { composeLeaves } from '../directory/compose.ts';
import { readContacts } from '../directory/contacts.ts';
import { listChanges } from '../directory/difference.ts';
import { nextVersion } from '../directory/past.ts';
import { readProgramme } from '../directory/programme.ts';
import { readRelay } from '../directory/relays.ts';
import { systemRandom } from '../responder/device.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { checkFree, readAs, readTextAs, shown, writeNew } from './file.ts';
import { type Io, pathOf } from './io.ts';
import { readKept, readWhole } from './option.ts';
import { paint, table } from './say.ts';
import { sayChanges, sayList, sayPins } from './show.ts';

interface DraftFlags {
  readonly org: string;
  readonly contacts: string;
  readonly join: readonly string[];
  readonly relay: readonly string[];
  readonly programme?: string;
  readonly previous?: string;
  readonly days: string;
  readonly keep?: string;
  readonly keepDrills?: string;
  readonly out: string;
}

const dayMs = 86_400_000;
/** The prekeys that devices brought with their join requests live for 400 days; nobody may outlast theirs. */
const mostDays = 395;

export function addDraft(list: Command, io: Io): void {
  list
    .command('draft')
    .description('Put a muster list together from contacts, join requests, relays and a drill programme')
    .requiredOption('--org <file>', 'the organisation: org.genesis')
    .requiredOption('--contacts <file.csv>', 'one line per member')
    .requiredOption(
      '--join <file...>',
      'join requests of every member, also of those on the list before; or folders of *.join files',
    )
    .requiredOption('--relay <file...>', 'relay.json of every relay')
    .option('--programme <file.json>', 'the drills')
    .option('--previous <file.muster>', 'the list in force, which this one follows')
    .option('--days <n>', 'how long the list is valid', '365')
    .option('--keep <days>', 'for how long devices keep what people write, or "for-good"; as before if not given')
    .option('--keep-drills <days>', 'the same of what they write in rooms of drills, which is evidence')
    .requiredOption('--out <file>', 'where to write the draft')
    .addHelpText(
      'after',
      `
Columns of the contact file:
  handle,name,role,unit,time_zone,deputies,path1_kind,path1,path1_off_primary,path2_kind,path2,path2_off_primary,…
  Roles: commander officer responder observer archivist. Deputies: handles with ; between. Off primary: yes or no.
  Two contact paths at least, one of them off the primary infrastructure.

The programme: a drill begins at a moment of its own between "from" and "to"; coordinators are handles, and the
first whose device is open then opens it.
  { "drills": [ { "title": "Spring drill", "announced": false, "scenario": "Mail is down. Who is there?",
      "from": "2027-03-01T09:00:00+01:00", "to": "2027-03-05T17:00:00+01:00", "coordinators": ["ada", "bela"],
      "openWithinSeconds": 60, "answerWithinSeconds": 300, "escalateAfterSeconds": 300,
      "closeAfterSeconds": 900, "answeredPercent": 80 } ] }

Example:
  muster list draft --org org.genesis --contacts contacts.csv --join joins/ --relay r1/relay.json r2/relay.json \\
    --programme programme.json --out draft.list`,
    )
    .action((flags: DraftFlags) => draft(io, flags));
}

/** What is not given is as it was. */
function retentionOf({ keep, keepDrills }: DraftFlags, before: OrgRetention): OrgRetention {
  const daysOf = (option: string, said: string | undefined, was: number | undefined) =>
    said === undefined ? was : readKept(option, said).retentionDays;
  const retentionDays = daysOf('--keep', keep, before.retentionDays);
  const evidenceDays = daysOf('--keep-drills', keepDrills, before.evidenceDays);
  return {
    ...(retentionDays === undefined ? {} : { retentionDays }),
    ...(evidenceDays === undefined ? {} : { evidenceDays }),
  };
}

function draft(io: Io, flags: DraftFlags): void {
  checkFree(io, flags.out);
  const days = readWhole('--days', flags.days, 1, mostDays);
  const genesis = readAs(io, flags.org, 'an organisation (org.genesis)', maxBundleBytes, (bytes) => {
    readGenesis(bytes);
    return bytes;
  });
  const previous = flags.previous === undefined ? undefined : readPrevious(io, flags.previous, genesis);
  const contacts = readTextAs(io, flags.contacts, 'a text', readContacts);
  const joins = findJoins(io, flags.join).map((path) => readAs(io, path, 'a join request', maxJoinBytes, readJoin));
  const nowMs = io.now();
  const bodies = composeLeaves(
    {
      contacts,
      joins,
      relays: flags.relay.map((path) => readTextAs(io, path, 'a text', readRelay)),
      programme: flags.programme === undefined ? [] : readTextAs(io, flags.programme, 'a text', readProgramme),
      retention: retentionOf(flags, previous?.retention ?? {}),
      ...(previous === undefined ? {} : { previous }),
      nowMs,
    },
    systemRandom,
  );
  const facts = {
    genesis,
    version: nextVersion(previous),
    ...(previous === undefined ? {} : { previous: previous.id }),
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + days * dayMs,
  };
  const bytes = makeDraft(facts, bodies, systemRandom);
  const { preview } = readDraft(bytes);
  writeNew(io, flags.out, bytes);
  io.out(sayList(io, preview, 'draft'));
  io.out('');
  if (previous !== undefined) io.out(`${sayChanges(io, listChanges(previous, preview), previous.version)}\n`);
  io.out(sayJoins(io, joins));
  io.out('');
  io.out(sayPins(io, preview));
  io.out('');
  io.out(
    `Wrote ${shown(flags.out)}. It holds names and phone numbers: pass it from custodian to custodian, not around.`,
  );
  io.out(`Next, by each custodian: muster list sign --draft ${shown(flags.out)} --key FILE.key`);
}

function readPrevious(io: Io, path: string, genesis: Uint8Array) {
  const { list } = readAs(io, path, 'an issued muster list', maxBundleBytes, (bytes) => readBundle(bytes));
  if (list.org !== orgOf(genesis))
    throw new PeerFault('wrong-organisation', `${path} belongs to another organisation than the one given with --org`);
  return list;
}

/** Files as they are; of a folder all that end in `.join`. */
function findJoins(io: Io, paths: readonly string[]): readonly string[] {
  const found = paths.flatMap((path) => {
    const isFolder = statSync(pathOf(io, path), { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isFolder) return [path];
    return readdirSync(pathOf(io, path))
      .filter((name) => name.endsWith('.join'))
      .sort()
      .map((name) => join(path, name));
  });
  if (found.length === 0)
    throw new CallerFault(
      'not-found',
      'There is no join request there: a folder given with --join holds *.join files.',
    );
  return found;
}

function sayJoins(io: Io, joins: readonly JoinRequest[]): string {
  const rows = joins.map(({ handle, device, digest }) => [handle, device.name, safetyWords(digest).join(' ')]);
  return [
    paint(io).bold('Before anybody signs: hear these words from each member, by voice'),
    table(['handle', 'device', 'safety words'], rows),
    '  Whoever reads other words has handed over another device: leave that join request out.',
  ].join('\n');
}
