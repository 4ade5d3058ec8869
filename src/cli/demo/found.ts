/** The demo's organisation: founded, drafted and signed by the code a custodian's commands use. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { refsOf } from '../../core/assess.ts';
import { readBundle } from '../../core/bundle.ts';
import { foundOrganisation } from '../../core/custodian.ts';
import { issueDraft, makeDraft, readDraft, signDraft } from '../../core/draft.ts';
import { readJoin } from '../../core/join.ts';
import { type MusterList, nameOf } from '../../core/list.ts';
import { composeLeaves } from '../../directory/compose.ts';
import { type Contact, readContacts } from '../../directory/contacts.ts';
import type { PlannedDrill } from '../../directory/programme.ts';
import { installBundle, makeDevice, systemRandom } from '../../responder/device.ts';
import { leastCost } from '../../vault/stretch.ts';
import { Vault } from '../../vault/vault.ts';
import type { Bytes } from '../../wire/bytes.ts';
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

export interface FoundDemo {
  readonly list: MusterList;
  /** The signed admission list, for relays. */
  readonly admissionPath: string;
  readonly devices: readonly DemoDevice[];
  /** Name → how the report numbers them. */
  readonly refs: ReadonlyMap<string, string>;
  readonly roles: { readonly silent: string; readonly late: string; readonly lateAfterMs: number };
}

/** Within seconds instead of minutes, so that a person can watch it; nothing else is different from a real one. */
const drillTimes = { openWithinMs: 3_000, answerWithinMs: 6_000, escalateAfterMs: 6_500, closeAfterMs: 11_000 };

/** `window` is asked at the last moment: making twelve devices takes as long as the machine takes. */
export async function foundDemo(
  work: string,
  relays: readonly DemoRelay[],
  window: () => { readonly fromMs: number; readonly spreadMs: number },
): Promise<FoundDemo> {
  const contacts = readContacts(readFileSync(contactsFile, 'utf8'));
  const made = await Promise.all(contacts.map((contact) => makeDemoDevice(work, contact)));
  const { genesis, keys } = foundOrganisation('Nordwerk GmbH', custodians, 2, systemRandom);
  const nowMs = Date.now();
  const { fromMs, spreadMs } = window();
  const drill: PlannedDrill = {
    where: 'demo',
    title: 'Reach everyone without mail and directory',
    announced: false,
    fromMs,
    toMs: fromMs + spreadMs,
    scenario: 'Mail, chat and the directory belong to an attacker. Answer here and stand by.',
    injects: ['One relay is lost while answers come in.'],
    coordinators: ['ada', 'bela'],
    answeredPercent: 80,
    ...drillTimes,
  };
  const leaves = composeLeaves(
    {
      contacts,
      joins: made.map(({ join: bytes }) => readJoin(bytes)),
      relays: relays.map(({ leaf }) => leaf),
      programme: [drill],
      nowMs,
    },
    systemRandom,
  );
  let draft = makeDraft(
    { genesis, version: 1, issuedAtMs: nowMs, expiresAtMs: nowMs + 365 * dayMs },
    leaves,
    systemRandom,
  );
  for (const key of keys.slice(0, 2)) draft = signDraft(readDraft(draft), key);
  const bytes = issueDraft(readDraft(draft));
  const { list, admission } = readBundle(bytes);
  const admissionPath = join(work, 'admission.list');
  writeFileSync(admissionPath, admission);
  await Promise.all(made.map(({ device }) => install(device, bytes)));
  const refs = refsOf(list);
  return {
    list,
    admissionPath,
    devices: made.map(({ device }) => device),
    refs: new Map(list.members.map((member) => [nameOf(member), refs.get(member.id) ?? ''])),
    roles: { silent: 'emil', late: 'jana', lateAfterMs: drillTimes.answerWithinMs + 900 },
  };
}

async function makeDemoDevice(
  work: string,
  contact: Contact,
): Promise<{ readonly device: DemoDevice; readonly join: Bytes }> {
  const device = {
    handle: contact.handle,
    name: contact.name,
    dir: join(work, `device-${contact.handle}`),
    passphrase: `demo only: ${contact.handle} ${work}`,
  };
  const request = await makeDevice({ ...device, name: `${contact.name}’s laptop`, nowMs: Date.now(), cost: leastCost });
  return { device, join: request };
}

async function install(device: DemoDevice, bundle: Bytes): Promise<void> {
  const vault = await Vault.open(device.dir, device.passphrase);
  try {
    installBundle(vault, bundle);
  } finally {
    vault.close();
  }
}
