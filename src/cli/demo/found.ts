/** The demo's organisation: founded, drafted and signed by the code a custodian's commands use. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBundle } from '../../core/bundle.ts';
import { foundOrganisation } from '../../core/custodian.ts';
import { issueDraft, makeDraft, readDraft, signDraft } from '../../core/draft.ts';
import { refsOf } from '../../core/drillLog.ts';
import { orgOf } from '../../core/genesis.ts';
import { readJoin } from '../../core/join.ts';
import type { SignKey } from '../../core/key.ts';
import { type MusterList, nameOf } from '../../core/list.ts';
import { composeLeaves } from '../../directory/compose.ts';
import { type Contact, readContacts } from '../../directory/contacts.ts';
import type { PlannedDrill } from '../../directory/programme.ts';
import { systemRandom } from '../../responder/device.ts';
import { type Bytes, fromHex } from '../../wire/bytes.ts';
import type { OrgId } from '../../wire/id.ts';
import type { HostProcess } from './host.ts';
import type { DemoRelay } from './relays.ts';

const contactsFile = fileURLToPath(new URL('../../../../demo/contacts.csv', import.meta.url));
const custodians = ['Ada Brandt', 'Kofi Mensah', 'Lena Østergaard'];
const dayMs = 86_400_000;

export interface DemoDevice {
  readonly handle: string;
  readonly name: string;
  readonly dir: string;
  readonly passphrase: string;
}

export interface SignedDemo {
  readonly list: MusterList;
  /** The issued list, as custodians hand it out. */
  readonly bundlePath: string;
  readonly devices: readonly DemoDevice[];
  /** Name → how the report numbers them. */
  readonly refs: ReadonlyMap<string, string>;
  readonly roles: { readonly silent: string; readonly late: string; readonly lateAfterMs: number };
}

/** Within seconds instead of minutes, so that a person can watch it; nothing else is different from a real one. */
const drillTimes = { openWithinMs: 2_500, answerWithinMs: 5_000, escalateAfterMs: 5_300, closeAfterMs: 9_000 };

export interface Founding {
  readonly genesis: Bytes;
  readonly org: OrgId;
  readonly keys: readonly SignKey[];
}

export function foundDemo(): Founding {
  const { genesis, keys } = foundOrganisation('Nordwerk GmbH', custodians, 2, systemRandom);
  return { genesis, org: orgOf(genesis), keys };
}

export interface MadeDevice {
  readonly device: DemoDevice;
  readonly contact: Contact;
  readonly join: Bytes;
}

/** The devices make their own keys, in the processes that will hold them; only join requests come out. */
export const makeDemoDevices = (work: string, hostOf: (i: number) => HostProcess): Promise<readonly MadeDevice[]> =>
  Promise.all(
    readContacts(readFileSync(contactsFile, 'utf8')).map(async (contact, i) => {
      const { handle, name } = contact;
      const device = { handle, name, dir: join(work, `device-${handle}`), passphrase: `demo only: ${handle} ${work}` };
      const facts = { device: handle, name: `${name}’s laptop`, dir: device.dir, passphrase: device.passphrase };
      const host = hostOf(i);
      await host.ready;
      return { device, contact, join: fromHex(String(await host.ask({ type: 'make', ...facts }))) };
    }),
  );

/** The last step before devices open: the drill's window is counted from here. */
export function signDemoList(
  work: string,
  { genesis, keys }: Founding,
  made: readonly MadeDevice[],
  relays: readonly DemoRelay[],
  drillWindow: { readonly fromMs: number; readonly toMs: number },
): SignedDemo {
  const nowMs = Date.now();
  const drill: PlannedDrill = {
    where: 'demo',
    title: 'Reach everyone without mail and directory',
    announced: false,
    ...drillWindow,
    scenario: 'Mail, chat and the directory belong to an attacker. Answer here and stand by.',
    injects: ['One relay is lost while answers come in.'],
    coordinators: ['ada', 'bela'],
    answeredPercent: 80,
    ...drillTimes,
  };
  const leaves = composeLeaves(
    {
      contacts: made.map(({ contact }) => contact),
      joins: made.map(({ join: bytes }) => readJoin(bytes)),
      relays: relays.map(({ leaf }) => leaf),
      programme: [drill],
      nowMs,
    },
    systemRandom,
  );
  const facts = { genesis, version: 1, issuedAtMs: nowMs, expiresAtMs: nowMs + 365 * dayMs };
  let draft = makeDraft(facts, leaves, systemRandom);
  for (const key of keys.slice(0, 2)) draft = signDraft(readDraft(draft), key);
  const bytes = issueDraft(readDraft(draft));
  const bundlePath = join(work, 'list-1.muster');
  writeFileSync(bundlePath, bytes);
  const { list } = readBundle(bytes);
  const refs = refsOf(list);
  return {
    list,
    bundlePath,
    devices: made.map(({ device }) => device),
    refs: new Map(list.members.map((member) => [nameOf(member), refs.get(member.id) ?? ''])),
    roles: { silent: 'emil', late: 'jana', lateAfterMs: drillTimes.answerWithinMs + 900 },
  };
}
