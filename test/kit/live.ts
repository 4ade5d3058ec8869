/**
 * A live organisation: real relay processes, real vaults on disk, real devices in this process. Made by the same code
 * a custodian's commands use, with the first people of the demo's contact file.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initRelay } from '../../server/run.ts';
import { readBundle } from '../../src/core/bundle.ts';
import { foundOrganisation } from '../../src/core/custodian.ts';
import { issueDraft, makeDraft, readDraft, signDraft } from '../../src/core/draft.ts';
import { type JoinRequest, readJoin } from '../../src/core/join.ts';
import type { SignKey } from '../../src/core/key.ts';
import type { MusterList } from '../../src/core/list.ts';
import { orgRoom } from '../../src/core/room.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { composeLeaves, type Parts } from '../../src/directory/compose.ts';
import { type Contact, readContacts } from '../../src/directory/contacts.ts';
import type { PlannedDrill } from '../../src/directory/programme.ts';
import type { LinkPorts } from '../../src/link/port.ts';
import { makeDevice, systemRandom } from '../../src/responder/device.ts';
import { createHost, type DeviceHost, openDevice } from '../../src/responder/host.ts';
import { nodePorts } from '../../src/responder/node.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { leastCost } from '../../src/vault/stretch.ts';
import { type RelayProcess, spawnRelay } from './relay.ts';
import { until } from './until.ts';

export interface LiveDevice {
  readonly handle: string;
  readonly name: string;
  readonly dir: string;
  readonly passphrase: string;
}

export interface LiveRelay {
  readonly dir: string;
  readonly address: string;
  process?: RelayProcess;
}

export interface LiveOptions {
  readonly members: number;
  readonly relays: number;
  /** Asked when the list is made; the demo's drill otherwise has none. */
  readonly drills?: (nowMs: number) => readonly Omit<PlannedDrill, 'where'>[];
}

export const quickDrill = (fromMs: number, coordinators: readonly string[]): Omit<PlannedDrill, 'where'> => ({
  title: 'Reach everyone without mail and directory',
  announced: true,
  fromMs,
  toMs: fromMs,
  scenario: 'Mail, chat and the directory belong to an attacker.',
  injects: [],
  coordinators,
  openWithinMs: 2_000,
  answerWithinMs: 6_000,
  escalateAfterMs: 7_000,
  closeAfterMs: 8_000,
  answeredPercent: 50,
});

const contactsFile = join(import.meta.dirname, '../../demo/contacts.csv');

interface Founding {
  readonly genesis: Uint8Array;
  readonly keys: readonly SignKey[];
  readonly joins: readonly JoinRequest[];
  readonly relays: Parts['relays'];
}

function signBundle({ genesis, keys, relays }: Founding, parts: Omit<Parts, 'relays'>, version: number): Uint8Array {
  const { nowMs, previous } = parts;
  const leaves = composeLeaves({ ...parts, relays }, systemRandom);
  const facts = { genesis, version, issuedAtMs: nowMs, expiresAtMs: nowMs + 86_400_000 };
  const linked = previous === undefined ? facts : { ...facts, previous: previous.id };
  let draft = makeDraft(linked, leaves, systemRandom);
  for (const key of keys.slice(1)) draft = signDraft(readDraft(draft), key);
  return issueDraft(readDraft(draft));
}

export class Live {
  readonly work: string;
  readonly list: MusterList;
  readonly admissionPath: string;
  readonly relays: readonly LiveRelay[];
  readonly devices: readonly LiveDevice[];
  readonly contacts: readonly Contact[];
  /** What list 1 was made of, for the next one. */
  readonly founding: Founding;
  /** List 1 as custodians hand it out; a device takes it in when it is first opened. */
  readonly bundle: Uint8Array;
  readonly #hasList = new Set<number>();
  readonly #open = new Set<{ close(): void | Promise<void> }>();

  private constructor(
    facts: Pick<Live, 'work' | 'list' | 'admissionPath' | 'relays' | 'devices' | 'contacts' | 'founding' | 'bundle'>,
  ) {
    this.work = facts.work;
    this.list = facts.list;
    this.admissionPath = facts.admissionPath;
    this.relays = facts.relays;
    this.devices = facts.devices;
    this.contacts = facts.contacts;
    this.founding = facts.founding;
    this.bundle = facts.bundle;
  }

  static async found({ members, relays: relayCount, drills = () => [] }: LiveOptions): Promise<Live> {
    await loadSodium();
    const work = mkdtempSync(join(tmpdir(), 'muster-live-'));
    const relays = await Promise.all(
      Array.from({ length: relayCount }, async (_, i) => {
        const dir = join(work, `relay-${i + 1}`);
        return { dir, ...(await initRelay(dir)) };
      }),
    );
    const all = readContacts(readFileSync(contactsFile, 'utf8')).slice(0, members);
    const handles = all.map(({ handle }) => handle);
    const contacts = all.map((contact, i) => ({
      ...contact,
      deputies: [handles[(i + 1) % handles.length] ?? contact.handle],
    }));
    const made = await Promise.all(
      contacts.map(async ({ handle, name }) => {
        const device = { handle, name, dir: join(work, `device-${handle}`), passphrase: `passphrase of ${handle}` };
        const request = await makeDevice({ ...device, nowMs: Date.now(), cost: leastCost });
        return { device, join: readJoin(request) };
      }),
    );
    const nowMs = Date.now();
    const { genesis, keys } = foundOrganisation(
      'Nordwerk GmbH',
      ['Kirsten Olsen', 'Marek Novák', 'Tomás Silva'],
      2,
      systemRandom,
    );
    const founding: Founding = {
      genesis,
      keys,
      joins: made.map((each) => each.join),
      relays: relays.map(({ pin, port }, i) => ({
        relay: pin,
        name: `Relay ${i + 1}`,
        operator: 'Test',
        addresses: [`127.0.0.1:${port}`],
      })),
    };
    const programme = drills(nowMs).map((drill, i) => ({ ...drill, where: `drills[${i}]` }));
    const bundle = signBundle(founding, { contacts, joins: founding.joins, programme, nowMs }, 1);
    const { list, admission } = readBundle(bundle);
    const admissionPath = join(work, 'admission.list');
    writeFileSync(admissionPath, admission);
    return new Live({
      work,
      list,
      admissionPath,
      relays: relays.map(({ dir, port }) => ({ dir, address: `127.0.0.1:${port}` })),
      devices: made.map(({ device }) => device),
      contacts,
      founding,
      bundle,
    });
  }

  /** List 2, without the last member, as custodians hand it out. */
  nextBundle(): Uint8Array {
    const stay = this.contacts.slice(0, -1);
    const handles = stay.map(({ handle }) => handle);
    const contacts = stay.map((contact, i) => ({
      ...contact,
      deputies: [handles[(i + 1) % handles.length] ?? contact.handle],
    }));
    const joins = this.founding.joins.filter(({ handle }) => handles.includes(handle));
    return signBundle(this.founding, { contacts, joins, programme: [], nowMs: Date.now(), previous: this.list }, 2);
  }

  /** List 2, with this join request in the place of those of the same person, as custodians hand it out. */
  bundleWith(request: Uint8Array): Uint8Array {
    const join = readJoin(request);
    const joins = [...this.founding.joins.filter(({ handle }) => handle !== join.handle), join];
    const { contacts } = this;
    return signBundle(this.founding, { contacts, joins, programme: [], nowMs: Date.now(), previous: this.list }, 2);
  }

  /** List 2, with these relays besides, as custodians hand it out. */
  bundleWithRelays(relays: Parts['relays']): Uint8Array {
    const { contacts, founding } = this;
    const more: Founding = { ...founding, relays: [...founding.relays, ...relays] };
    const { joins } = founding;
    return signBundle(more, { contacts, joins, programme: [], nowMs: Date.now(), previous: this.list }, 2);
  }

  async startRelay(i: number): Promise<RelayProcess> {
    const relay = this.#relay(i);
    relay.process = await spawnRelay(relay.dir, this.list.org, this.admissionPath);
    return relay.process;
  }

  async startRelays(): Promise<void> {
    await Promise.all(this.relays.map((_, i) => this.startRelay(i)));
  }

  /** SIGKILL: the relay gets no chance to do anything first. */
  async killRelay(i: number): Promise<void> {
    const relay = this.#relay(i);
    await relay.process?.kill();
    delete relay.process;
  }

  /** The device in this process, unlocked. */
  async open(i: number, link: LinkPorts = nodePorts(() => undefined).link): Promise<Responder> {
    const { dir, passphrase } = this.device(i);
    const responder = await openDevice(dir, passphrase, { ...nodePorts(() => undefined), link }, this.#newList(i));
    this.#open.add(responder);
    return responder;
  }

  /** The device as a window meets it, locked. */
  host(i: number): DeviceHost {
    const host = createHost(
      this.device(i).dir,
      nodePorts(() => undefined),
      this.#newList(i),
    );
    this.#open.add(host);
    return host;
  }

  #newList(i: number): Uint8Array | undefined {
    if (this.#hasList.has(i)) return undefined;
    this.#hasList.add(i);
    return this.bundle;
  }

  device(i: number): LiveDevice {
    const device = this.devices[i];
    if (device === undefined) throw new Error(`there is no device ${i}`);
    return device;
  }

  #relay(i: number): LiveRelay {
    const relay = this.relays[i];
    if (relay === undefined) throw new Error(`there is no relay ${i}`);
    return relay;
  }

  get everyone() {
    return orgRoom(this.list).id;
  }

  /** Every byte the relays have on disk. */
  relayFiles(): readonly { readonly file: string; readonly bytes: Buffer }[] {
    return this.relays.flatMap(({ dir }) =>
      readdirSync(dir, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((file) => ({ file, bytes: readFileSync(file) })),
    );
  }

  /** Every device that was opened here is closed, as when Muster ends. */
  async closeAll(): Promise<void> {
    for (const each of this.#open) await each.close();
    this.#open.clear();
  }

  async end(): Promise<void> {
    await this.closeAll();
    for (const { process } of this.relays) await process?.kill();
    rmSync(this.work, { recursive: true, force: true });
  }
}

/** Waits until a device is connected to this many relays. */
export const reaches = (device: Responder, relays: number): Promise<boolean> =>
  until(
    () => [...device.state.relays.values()].filter((relay) => relay.up).length >= relays,
    `${relays} relays are reached`,
    30_000,
  );

/** Waits until a device was let into an epoch of the room of everyone: it can send there. */
export const isLetIn = (device: Responder): Promise<boolean> =>
  until(() => (device.state.rooms.get(orgRoom(device.state.list).id)?.epochs.size ?? 0) > 0, 'it is let in', 20_000);
