/** What the demo checks of itself: nothing shown as sent is lost, packs verify, tampered ones do not. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPack } from '../../evidence/check.ts';
import { readPack } from '../../evidence/folder.ts';
import { makeLogCheck } from '../../evidence/log.ts';
import { evidenceNamespace, readAllowedSigners } from '../../evidence/sshsig.ts';
import { Broken } from '../../wire/fault.ts';
import type { OrgId } from '../../wire/id.ts';
import { type Person, waitFor } from './host.ts';

/** Entries that some screen shows as sent: on its own disk and on a relay's. Entry id → room. */
export async function readShownAsSent(people: readonly Person[]): Promise<ReadonlyMap<string, string>> {
  const shown = new Map<string, string>();
  const read = async (person: Person) => {
    const { rooms } = await person.call('home.read', {});
    const views = await Promise.all(rooms.map(({ id }) => person.call('room.read', { room: id, limit: 200 })));
    for (const { id, messages } of views) {
      for (const message of messages) if (message.own && message.relays >= 1) shown.set(message.entry, id);
    }
  };
  await Promise.all(people.map(read));
  return shown;
}

/** How many of them are missing at anybody who is in their room. Waits, because repair is part of the promise. */
export async function countLost(people: readonly Person[], shown: ReadonlyMap<string, string>): Promise<number> {
  let missing = shown.size;
  const nothingMissing = async () => {
    const wanted = await Promise.all(people.map((person) => countMissing(person, shown)));
    missing = wanted.reduce((sum, each) => sum + each, 0);
    return missing === 0 ? true : undefined;
  };
  try {
    await waitFor('every entry to be everywhere', 8_000, nothingMissing);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
  }
  return missing;
}

async function countMissing(person: Person, shown: ReadonlyMap<string, string>): Promise<number> {
  const { rooms } = await person.call('home.read', {});
  let missing = 0;
  for (const { id } of rooms) {
    const wanted = [...shown].filter(([, room]) => room === id).map(([entry]) => entry);
    const { messages } = await person.call('room.read', { room: id, limit: 200 });
    const there = new Set(messages.map((message) => message.entry));
    missing += wanted.filter((entry) => !there.has(entry)).length;
  }
  return missing;
}

export async function verifyPack(pack: string, org: OrgId): Promise<boolean> {
  const { files, oddities } = await readPack(pack);
  return (await checkPack(files, makeLogCheck(org))).length + oddities.length === 0;
}

/** Checks a copy in which one byte of the report is another, and gives what the check says of it. */
export async function verifyTampered(
  pack: string,
  org: OrgId,
): Promise<{ readonly file: string; readonly text: string } | undefined> {
  const { files } = await readPack(pack);
  const report = files.get('report.json')?.slice();
  if (report === undefined) return undefined;
  const middle = report.length >> 1;
  report[middle] = (report[middle] ?? 0) ^ 1;
  const [finding] = await checkPack(new Map([...files, ['report.json', report]]), makeLogCheck(org));
  return finding === undefined ? undefined : { file: finding.file, text: finding.text };
}

/** The check an auditor makes, by a tool that is not ours. */
export function verifyBySshKeygen(pack: string): 'good' | 'bad' | 'not-here' {
  const signers = join(pack, 'allowed_signers');
  const [signer] = readAllowedSigners(readFileSync(signers, 'utf8'));
  const args = [
    '-Y',
    'verify',
    '-f',
    signers,
    '-I',
    signer?.principal ?? '',
    '-n',
    evidenceNamespace,
    '-s',
    join(pack, 'SHA256SUMS.sig'),
  ];
  const run = spawnSync('ssh-keygen', args, { input: readFileSync(join(pack, 'SHA256SUMS')) });
  if (run.error !== undefined) return 'not-here';
  return run.status === 0 ? 'good' : 'bad';
}
