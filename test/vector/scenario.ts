/**
 * Stories of a room: signed entries and grants, the orders in which they come, and what every order has to end in.
 * `play` is one reading of them by the real code; another implementation needs no more than is in the file.
 */
import { type ControlLog, emptyControl, missingIn, noteControl } from '../../src/core/control.ts';
import { type Entry, readEntry } from '../../src/core/entry.ts';
import { acceptGrant, type Epoch, isFor, type SendFacts } from '../../src/core/epoch.ts';
import { type DeviceId, type EpochId, epochId, type PrekeyId, prekeyId } from '../../src/core/id.ts';
import { type MusterList, readList } from '../../src/core/list.ts';
import { signKeyIn } from '../../src/core/listed.ts';
import { Membership } from '../../src/core/membership.ts';
import { type Payload, readPayload } from '../../src/core/payload.ts';
import { type RoomInfo, readRoom } from '../../src/core/room.ts';
import { type Mark, marksOf, voidRanges } from '../../src/core/standing.ts';
import { hash } from '../../src/core/verify.ts';
import { fromHex } from '../../src/wire/bytes.ts';
import { PeerFault } from '../../src/wire/fault.ts';

/** Names stand for ids: of people and devices in the file's `people`, of entries and grants in the scenario. */
export interface Expected {
  readonly verdicts: Readonly<Record<string, string>>;
  readonly people: Readonly<Record<string, { readonly role: string; readonly depth: number }>>;
  readonly roster: readonly string[];
  readonly policy: { readonly history: string; readonly horizon: string };
  readonly heads: readonly string[];
  readonly contested: readonly string[];
  /** Per device, the places of its feed that do not count; without `to` all that come. */
  readonly voids: Readonly<Record<string, readonly { readonly from: number; readonly to?: number }[]>>;
  /** `ok` or the fault of each grant, by all that is known in the end. */
  readonly grants: Readonly<Record<string, string>>;
  /** The grant of the epoch that the room is written to in: the newest that nobody who is out can read. */
  readonly sentIn: string | null;
}

export interface Order {
  readonly deliver: readonly string[];
  /** Grants that were `unknown-reference` when they came. */
  readonly waits: readonly string[];
}

export interface Scenario {
  readonly name: string;
  readonly list: string;
  readonly entries: Readonly<Record<string, string>>;
  readonly grants: Readonly<Record<string, { readonly payload: string; readonly to: string }>>;
  readonly orders: readonly Order[];
  readonly expect: Expected;
}

export interface ScenarioFile {
  readonly format: 'muster-scenarios/1';
  readonly subject: 'scenario';
  readonly seed: number;
  readonly lists: Readonly<Record<string, string>>;
  readonly room: string;
  readonly people: Readonly<
    Record<string, { readonly member: string; readonly devices: Readonly<Record<string, string>> }>
  >;
  readonly scenarios: readonly Scenario[];
}

type Grant = Extract<Payload, { readonly type: 'grant' }>;
interface Offered {
  readonly label: string;
  readonly grant: Grant;
  readonly to: PrekeyId;
}

const idOf = (grant: Grant): EpochId => epochId.of(hash('epoch', grant.announcement));

/** A device that takes entries and grants as they come, and keeps what it cannot judge yet. */
class Device {
  readonly #list: MusterList;
  readonly #room: RoomInfo;
  #log = emptyControl;
  #unknown: Entry[] = [];
  #loose: Entry[] = [];
  readonly #feeds = new Map<DeviceId, { count: number; head?: string; marks: Mark[] }>();
  #waiting: Offered[] = [];
  readonly held = new Map<EpochId, Epoch>();
  readonly waits: string[] = [];

  constructor(list: MusterList, room: RoomInfo) {
    this.#list = list;
    this.#room = room;
  }

  get membership(): Membership {
    if (this.#judged?.log !== this.#log)
      this.#judged = { log: this.#log, membership: new Membership(this.#room, this.#list, this.#log) };
    return this.#judged.membership;
  }
  #judged: { readonly log: ControlLog; readonly membership: Membership } | undefined;

  get facts(): SendFacts {
    const membership = this.membership;
    return {
      room: this.#room.id,
      control: membership.heads,
      listVersion: this.#list.version,
      roster: membership.roster,
      isKnown: (operation) => this.#log.operations.has(operation),
      rosterAt: (heads) => membership.rosterAt(heads),
      hasOnlyGrownSince: (heads) => membership.hasOnlyGrownSince(heads),
    };
  }

  /** An operation counts as soon as all it names is here; its place in the feed may come later. */
  take(bytes: Uint8Array): Entry {
    const entry = readEntry(bytes, this.#room.id, signKeyIn(this.#list));
    this.#unknown.push(entry);
    for (let before = -1; before !== this.#unknown.length; ) {
      before = this.#unknown.length;
      this.#unknown = this.#unknown.filter((each) => {
        if (missingIn(this.#log, each.control).length > 0) return true;
        this.#log = noteControl(this.#log, each);
        this.#loose.push(each);
        return false;
      });
    }
    for (let before = -1; before !== this.#loose.length; ) {
      before = this.#loose.length;
      this.#loose = this.#loose.filter((each) => !this.#place(each));
    }
    const again = this.#waiting;
    this.#waiting = [];
    for (const each of again) this.#try(each);
    return entry;
  }

  /** Of two entries for one place the first that comes is in the feed. */
  #place(entry: Entry): boolean {
    const feed = this.#feeds.get(entry.device) ?? { count: 0, marks: [] };
    if (entry.seq !== feed.count || entry.previous !== feed.head) return false;
    const marks = [...feed.marks, ...marksOf(entry)];
    this.#feeds.set(entry.device, { count: feed.count + 1, head: entry.id, marks });
    return true;
  }

  offer(offered: Offered): void {
    this.#try(offered);
    if (this.#waiting.includes(offered)) this.waits.push(offered.label);
  }

  #try(offered: Offered): void {
    const code = this.judge(offered);
    if (code === 'unknown-reference') this.#waiting.push(offered);
  }

  /** `ok` or the code of the fault. */
  judge({ grant, to }: Offered): string {
    try {
      const epoch = acceptGrant(grant, this.facts, to);
      if (!this.held.has(epoch.id)) this.held.set(epoch.id, epoch);
      return 'ok';
    } catch (fault) {
      if (fault instanceof PeerFault) return fault.code;
      throw fault;
    }
  }

  /** The newest epoch that is for the room as it is, of all that were ever taken. */
  get sentIn(): EpochId | undefined {
    const suited = [...this.held.values()].filter((epoch) => isFor(epoch, this.facts));
    const [newest] = suited.sort((a, b) => b.openedAtMs - a.openedAtMs || (a.id < b.id ? 1 : -1));
    return newest?.id;
  }

  voids(device: DeviceId) {
    const feed = this.#feeds.get(device);
    return feed === undefined ? [] : voidRanges(this.membership, device, feed.marks);
  }
}

export function play(
  file: ScenarioFile,
  scenario: Scenario,
  order: Order,
): { readonly waits: readonly string[]; readonly end: Expected } {
  const list = readList(fromHex(file.lists[scenario.list] ?? ''));
  const room = readRoom(fromHex(file.room), list);
  const device = new Device(list, room);
  const labels = new Map<string, string>();
  const grants = Object.entries(scenario.grants).map(([label, { payload, to }]): Offered => {
    const grant = readPayload(fromHex(payload));
    if (grant.type !== 'grant') throw new Error(`${label} is no grant`);
    return { label, grant, to: prekeyId.parse(to) };
  });
  for (const label of order.deliver) {
    const offered = grants.find((each) => each.label === label);
    if (offered !== undefined) device.offer(offered);
    else labels.set(device.take(fromHex(scenario.entries[label] ?? '')).id, label);
  }
  const named = (ids: Iterable<string>, of: ReadonlyMap<string, string>) =>
    [...ids].map((id) => of.get(id) ?? id).sort();
  const members = new Map(Object.entries(file.people).map(([name, { member }]) => [member, name]));
  const devices = new Map(
    Object.values(file.people).flatMap((person) => Object.entries(person.devices).map(([name, id]) => [id, name])),
  );
  const { membership } = device;
  const judged = Object.fromEntries(grants.map((each) => [each.label, device.judge(each)]));
  const sorted = <T>(pairs: readonly (readonly [string, T])[]) =>
    Object.fromEntries([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    waits: [...device.waits].sort(),
    end: {
      verdicts: sorted([...membership.verdicts].map(([id, verdict]) => [labels.get(id) ?? id, verdict])),
      people: sorted([...membership.people].map(([id, { role, depth }]) => [members.get(id) ?? id, { role, depth }])),
      roster: named(membership.roster.keys(), devices),
      policy: membership.policy,
      heads: named(membership.heads, labels),
      contested: named(membership.contested, labels),
      voids: sorted(
        [...devices].flatMap(([id, name]) => {
          const ranges = device.voids(id as DeviceId);
          return ranges.length === 0 ? [] : [[name, ranges] as const];
        }),
      ),
      grants: judged,
      sentIn: grants.find(({ grant }) => idOf(grant) === device.sentIn)?.label ?? null,
    },
  };
}
