/** An organisation made by hand, one command after the other: two or three people, one custodian, one relay. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs a command that succeeds, and gives what it printed. */
export type Ok = (...args: readonly string[]) => Promise<string>;

const pw = ['--passphrase-file', 'pw'] as const;
/** Whose device a command is about. */
export const dirOf = (handle: Handle): readonly string[] => ['--dir', handle, ...pw];

const people = {
  ada: 'Ada Brandt,commander,Crisis,Europe/Berlin,bela,mobile,+49 151 1,yes,email,ada@example.org,no',
  bela: 'Béla Szabó,officer,IT,Europe/Budapest,ada,mobile,+36 20 1,yes,radio,Channel 7,yes',
  cleo: 'Cleo Diallo,responder,IT,Europe/Paris,ada,mobile,+33 6 1,yes,radio,Channel 8,yes',
};
type Handle = keyof typeof people;

/** Founds it in this folder, with a device of each; gives its fingerprint and what the relay printed when it was made. */
export async function foundByHand(
  ok: Ok,
  dir: string,
  handles: readonly Handle[],
): Promise<{ readonly fingerprint: string; readonly relay: string }> {
  const head =
    'handle,name,role,unit,time_zone,deputies,path1_kind,path1,path1_off_primary,path2_kind,path2,path2_off_primary';
  writeFileSync(join(dir, 'pw'), 'four blue horses sleep\n');
  writeFileSync(join(dir, 'contacts.csv'), [head, ...handles.map((each) => `${each},${people[each]}`)].join('\n'));
  await ok('org', 'key', '--name', 'one', '--out', 'one.key', ...pw);
  await ok('org', 'found', '--name', 'Nordwerk', '--custodian', 'one.pub', '--threshold', '1', '--out', 'org.genesis');
  const { fingerprint } = JSON.parse(await ok('org', 'show', 'org.genesis', '--json')) as { fingerprint: string };
  for (const each of handles)
    await ok('device', 'init', '--handle', each, '--name', `${each}-1`, '--out', `${each}.join`, ...dirOf(each));
  return { fingerprint, relay: await ok('relay', 'init', '--data', 'r', '--name', 'Relay r') };
}

/** Drafts, signs and issues the list and puts it on every device; gives what drafting and signing printed. */
export async function issueByHand(
  ok: Ok,
  dir: string,
  handles: readonly Handle[],
  drills: readonly object[],
): Promise<{ readonly drafted: string; readonly signed: string }> {
  writeFileSync(join(dir, 'programme.json'), JSON.stringify({ drills }));
  const drafted = await ok(
    ...['list', 'draft', '--org', 'org.genesis', '--contacts', 'contacts.csv', '--join', '.'],
    ...['--relay', 'r/relay.json', '--programme', 'programme.json', '--out', 'draft.list'],
  );
  const signed = await ok('list', 'sign', '--draft', 'draft.list', '--key', 'one.key', ...pw);
  await ok('list', 'issue', '--draft', 'draft.list', '--out', 'list.muster');
  for (const each of handles) await ok('list', 'install', 'list.muster', ...dirOf(each));
  return { drafted, signed };
}
