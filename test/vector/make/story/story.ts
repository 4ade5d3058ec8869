/**
 * A story is told by what people do and what they knew; what it has to end in is written beside it by hand. Nothing here
 * asks the code that judges.
 */
import { type Body, encodeBody } from '../../../../src/core/body.ts';
import { type Entry, makeEntry } from '../../../../src/core/entry.ts';
import { type Epoch, forgetBefore, makeGrant, openEpoch } from '../../../../src/core/epoch.ts';
import { proveFork } from '../../../../src/core/fork.ts';
import type { EntryId } from '../../../../src/core/id.ts';
import type { Random } from '../../../../src/core/key.ts';
import type { Role } from '../../../../src/core/leaf.ts';
import { encodePayload } from '../../../../src/core/payload.ts';
import { hex } from '../../../../src/wire/bytes.ts';
import type { Expected, Scenario } from '../../scenario.ts';
import { nowMs, streamOf } from '../scene.ts';
import { founders, fullName, type ListName, type Name, roleAtFounding, type Stage, type Who } from './stage.ts';

interface Told {
  /** Entries whose operation the author knows. */
  readonly knows?: readonly string[];
  /** Another place than the next: a copy of the device writes. */
  readonly after?: string;
}

interface Opened {
  readonly knows?: readonly string[];
  /** People whose devices it is announced to. */
  readonly for: readonly Name[];
  /** Devices of theirs that it is not announced to. */
  readonly without?: readonly Who[];
  readonly list?: number;
}

interface Ending {
  readonly list?: ListName;
  /** Verdicts other than `counts`. */
  readonly verdicts?: Readonly<Record<string, string>>;
  /** Who was there from the founding and is not any more. */
  readonly gone?: readonly Name[];
  readonly came?: readonly Name[];
  readonly roles?: Readonly<Partial<Record<Name, Role>>>;
  /** Devices that are out though their people are in. */
  readonly out?: readonly Who[];
  readonly policy?: Expected['policy'];
  readonly heads: readonly string[];
  readonly contested?: readonly string[];
  readonly voids?: Expected['voids'];
  readonly grants?: Readonly<Record<string, string>>;
  readonly sentIn?: string;
}

export class Story {
  readonly #name: string;
  readonly #stage: Stage;
  readonly #entries = new Map<string, Entry>();
  readonly #operations = new Set<string>();
  readonly #grants = new Map<
    string,
    { readonly payload: string; readonly to: string; readonly needs: readonly string[]; readonly list: number }
  >();
  readonly #epochs = new Map<
    string,
    { readonly epoch: Epoch; readonly needs: readonly string[]; readonly list: number }
  >();
  readonly #last = new Map<string, Entry>();
  /** One story more changes no other. */
  readonly #random: Random;
  #clock = nowMs;

  constructor(stage: Stage, name: string) {
    this.#stage = stage;
    this.#name = name;
    this.#random = streamOf(name);
  }

  says(label: string, who: Who, told: Told = {}): void {
    this.#write(label, who, { type: 'text', text: label }, told);
  }

  does(label: string, who: Who, body: Body, told: Told = {}): void {
    this.#write(label, who, body, told);
    this.#operations.add(label);
  }

  /** The operation that shows that these two entries contradict each other. */
  proof(one: string, other: string): Body {
    const [a, b] = [this.#entry(one), this.#entry(other)];
    const { signKey } = this.#stage.read.first.devices.get(a.device) ?? {};
    return { type: 'fork', proof: proveFork(a.bytes, b.bytes, a.room, () => signKey) };
  }

  opens(label: string, who: Who, opened: Opened): void {
    const { knows = [], list = 1, without = [] } = opened;
    const { keys, id } = this.#stage.device(who);
    const outside = new Set(without.map(fullName));
    const to = this.#stage.devicesOf(opened.for, list === 2 ? 'second' : 'first').filter((each) => !outside.has(each));
    const facts = {
      room: this.#stage.room.id,
      control: this.#ids(knows),
      listVersion: list,
      roster: this.#stage.rosterOf(to),
    };
    const epoch = openEpoch(keys.sign, id, facts, this.#tick(), this.#random);
    this.#epochs.set(label, { epoch, needs: knows, list });
    this.hands(label, who, label, 0);
  }

  /** A grant of an epoch from this bucket on, by somebody who holds it. */
  hands(label: string, who: Who, epochLabel: string, bucket: number, secret?: Uint8Array): void {
    const known = this.#epochs.get(epochLabel);
    if (known === undefined) throw new Error(`no epoch ${epochLabel}`);
    const { keys, id } = this.#stage.device(who);
    const { prekey } = this.#stage.device('goran');
    const grant = makeGrant(forgetBefore(known.epoch, bucket), { key: keys.sign, device: id }, prekey.id);
    const payload = hex(encodePayload({ type: 'grant', ...grant, ...(secret === undefined ? {} : { secret }) }));
    this.#grants.set(label, { payload, to: prekey.id, needs: known.needs, list: known.list });
  }

  /** What never comes: an operation that grants name and nobody has. */
  loses(label: string): void {
    this.#lost.add(label);
  }
  readonly #lost = new Set<string>();

  ends(ending: Ending): Scenario {
    const { list = 'first', gone = [], came = [], out = [], roles = {}, verdicts = {}, voids = {} } = ending;
    const entries = [...this.#entries].filter(([label]) => !this.#lost.has(label));
    const here = [...founders.filter((name) => !gone.includes(name)), ...came];
    const isOut = new Set(out.map(fullName));
    const people = here.map((name) => {
      const role = roles[name] ?? roleAtFounding(name);
      return [name, { role, depth: founders.includes(name) ? 0 : 1 }] as const;
    });
    const judged = entries.filter(([label]) => this.#operations.has(label));
    const labels = [...entries.map(([label]) => label), ...this.#grants.keys()];
    return {
      name: this.#name,
      list,
      entries: Object.fromEntries(entries.map(([label, { bytes }]) => [label, hex(bytes)])),
      grants: Object.fromEntries([...this.#grants].map(([label, { payload, to }]) => [label, { payload, to }])),
      orders: [labels, labels.toReversed(), this.#shuffled(labels), this.#shuffled(labels)].map((deliver) => ({
        deliver,
        waits: this.#waitsIn(deliver, list),
      })),
      expect: {
        verdicts: sorted(judged.map(([label]) => [label, verdicts[label] ?? 'counts'])),
        people: sorted(people),
        roster: this.#stage
          .devicesOf(here, list)
          .filter((name) => !isOut.has(name))
          .toSorted(),
        policy: ending.policy ?? { history: 'none', horizon: 'default' },
        heads: ending.heads.toSorted(),
        contested: (ending.contested ?? []).toSorted(),
        voids: sorted(Object.entries(voids)),
        grants: Object.fromEntries([...this.#grants.keys()].map((label) => [label, ending.grants?.[label] ?? 'ok'])),
        sentIn: ending.sentIn ?? null,
      },
    };
  }

  /** Grants that come before an operation they name, or before what that one names; and those of a list to come. */
  #waitsIn(deliver: readonly string[], list: ListName): readonly string[] {
    const came = new Set<string>();
    const isKnown = (label: string): boolean =>
      came.has(label) && (this.#told.get(label)?.knows ?? []).every((each) => isKnown(each));
    const waits: string[] = [];
    for (const label of deliver) {
      const grant = this.#grants.get(label);
      const isLater = grant !== undefined && grant.list > (list === 'first' ? 1 : 2);
      if (grant !== undefined && (isLater || !grant.needs.every(isKnown))) waits.push(label);
      came.add(label);
    }
    return waits.toSorted();
  }
  readonly #told = new Map<string, Told>();

  #write(label: string, who: Who, body: Body, told: Told): void {
    if (this.#entries.has(label)) throw new Error(`${label} happens twice`);
    const { keys, id } = this.#stage.device(who);
    const previous = told.after === undefined ? this.#last.get(id) : this.#entry(told.after);
    const entry = makeEntry(keys.sign, this.#stage.room.id, {
      device: id,
      seq: previous === undefined ? 0 : previous.seq + 1,
      ...(previous === undefined ? {} : { previous: previous.id }),
      heads: [],
      timeMs: this.#tick(),
      control: this.#ids(told.knows ?? []),
      body: encodeBody(body),
      salt: this.#random(16),
    });
    this.#entries.set(label, entry);
    this.#told.set(label, told);
    if (told.after === undefined) this.#last.set(id, entry);
  }

  #tick(): number {
    this.#clock += 1000;
    return this.#clock;
  }

  #entry(label: string): Entry {
    const entry = this.#entries.get(label);
    if (entry === undefined) throw new Error(`no entry ${label}`);
    return entry;
  }

  #ids = (labels: readonly string[]): readonly EntryId[] => labels.map((label) => this.#entry(label).id).sort();

  #shuffled(labels: readonly string[]): readonly string[] {
    const drawn = labels.map((label) => [hex(this.#random(4)), label] as const);
    return drawn.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, label]) => label);
  }
}

const sorted = <T>(pairs: readonly (readonly [string, T])[]): Readonly<Record<string, T>> =>
  Object.fromEntries([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Operations by the names of people and devices. */
export const operationsOf = (stage: Stage) => {
  const members = (names: readonly Name[]) => names.map(stage.member).sort();
  const devices = (whos: readonly Who[]) => whos.map((who) => stage.device(who).id).sort();
  return {
    remove: (
      people: readonly Name[],
      cut: Readonly<Partial<Record<Who, number>>> = {},
      whos: readonly Who[] = [],
    ): Body => ({
      type: 'remove',
      members: members(people),
      devices: devices(whos),
      cut: Object.entries(cut).map(([who, count]) => [stage.device(who as Who).id, count] as const),
    }),
    add: (people: readonly Name[], whos: readonly Who[] = []): Body => ({
      type: 'add',
      members: members(people),
      devices: devices(whos),
    }),
    role: (name: Name, role: Role): Body => ({ type: 'role', member: stage.member(name), role }),
    policy: (history: 'none' | 'all', horizon: 'default' | 'high'): Body => ({ type: 'policy', history, horizon }),
  };
};
