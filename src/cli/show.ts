/** Muster lists, drafts and organisations on a terminal. Shows what a file says and who signed it; judges nothing. */
import { type Bundle, maxBundleBytes, readBundle } from '../core/bundle.ts';
import { type Draft, readDraft } from '../core/draft.ts';
import { type Genesis, orgOf, readGenesis } from '../core/genesis.ts';
import { type MusterList, nameOf } from '../core/list.ts';
import { hash } from '../core/verify.ts';
import { orgWords, safetyWords, wordsOf } from '../core/words.ts';
import { type Change, keptFor } from '../directory/difference.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { type OrgId, relayId } from '../wire/id.ts';
import { readAs } from './file.ts';
import type { Io } from './io.ts';
import { count, digits, facts, moment, paint, table } from './say.ts';

export type Shown =
  | { readonly kind: 'organisation'; readonly genesis: Genesis; readonly org: OrgId }
  | { readonly kind: 'draft'; readonly draft: Draft; readonly list: MusterList }
  | { readonly kind: 'list'; readonly bundle: Bundle; readonly list: MusterList };

/** A genesis, a draft or an issued list, whichever it is. Throws `PeerFault`. */
export const readAny = (io: Io, path: string): Shown =>
  readAs(io, path, 'an organisation, a draft or a muster list', maxBundleBytes, (bytes) => {
    const readers: readonly ((bytes: Bytes) => Shown)[] = [
      (each) => ({ kind: 'organisation', genesis: readGenesis(each), org: orgOf(each) }),
      (each) => {
        const bundle = readBundle(each);
        return { kind: 'list', bundle, list: bundle.list };
      },
      (each) => {
        const draft = readDraft(each);
        return { kind: 'draft', draft, list: draft.preview };
      },
    ];
    for (const read of readers) {
      try {
        return read(bytes);
      } catch (fault) {
        // `malformed`: it is one of the others. Anything else is about this very file, and must be said.
        if (!(fault instanceof PeerFault) || fault.code !== 'malformed') throw fault;
      }
    }
    throw new PeerFault('malformed', 'not a file of Muster');
  });

export function sayFingerprint(org: OrgId): string {
  return facts([
    ['in words', orgWords(org).join(' ')],
    ['in digits', digits(org)],
  ]);
}

export function sayOrganisation(io: Io, genesis: Genesis, org: OrgId): string {
  const { bold } = paint(io);
  return [
    bold(`Organisation ${genesis.name}`),
    sayFingerprint(org),
    '',
    `${genesis.threshold} of ${count(genesis.custodians.length, 'custodian')} must sign:`,
    table(
      ['name', 'key'],
      genesis.custodians.map(({ name, key }) => [name, digits(Buffer.from(key).toString('hex'))]),
    ),
  ].join('\n');
}

const signersOf = (list: MusterList): string =>
  list.signedBy.map((i) => list.genesis.custodians[i]?.name ?? '?').join(', ') || 'nobody yet';

export function sayList(io: Io, list: MusterList, state: string): string {
  const { bold } = paint(io);
  const names = new Map<string, string>(list.members.map((member) => [member.id, nameOf(member)]));
  const all = (ids: readonly string[]) => ids.map((id) => names.get(id) ?? '?').join(', ');
  return [
    `${bold(`Muster list ${list.version} of ${list.genesis.name}`)}  (${state})`,
    facts([
      ['organisation', orgWords(list.org).join(' ')],
      ['issued', moment(list.issuedAtMs)],
      ['expires', moment(list.expiresAtMs)],
      [
        'kept',
        `what people write ${keptFor(list.retention.retentionDays)}, in drills ${keptFor(list.retention.evidenceDays)}`,
      ],
      ['signed by', `${signersOf(list)}  (${list.signedBy.length} of ${list.genesis.threshold} needed)`],
    ]),
    '',
    bold(count(list.members.length, 'member')),
    table(
      ['name', 'role', 'unit', 'deputies', 'devices', 'contact paths'],
      list.members.map((member) => [
        nameOf(member),
        member.held === undefined ? member.role : `${member.role} (was ${member.held})`,
        member.unit,
        all(member.deputies) || '-',
        member.devices.map((device) => device.name).join(', '),
        (member.contacts ?? []).map((path) => `${path.kind} ${path.value}${path.offPrimary ? '*' : ''}`).join(', '),
      ]),
    ),
    '  * works when the primary infrastructure does not',
    '',
    bold(count(list.relays.length, 'relay')),
    table(
      ['name', 'addresses', 'operator', 'pin begins'],
      list.relays.map((relay) => [relay.name, relay.addresses.join(' '), relay.operator || '-', relay.id.slice(0, 16)]),
    ),
    '',
    bold(count(list.drills.length, 'drill')),
    ...(list.drills.length === 0 ? [] : [sayDrills(list, all)]),
    ...(list.former.size === 0 ? [] : ['', bold(count(list.former.size, 'former device')), sayFormer(list, names)]),
  ].join('\n');
}

/** Whoever signs a list signs what it says of earlier ones, too. */
const sayFormer = (list: MusterList, names: ReadonlyMap<string, string>): string =>
  table(
    ['name', 'of', 'highest role', 'on lists'],
    [...list.former.values()].map((device) => [
      device.name,
      names.get(device.member) ?? `member ${device.member.slice(0, 8)}`,
      device.role,
      `${device.since} to ${device.until - 1}`,
    ]),
  );

const sayDrills = (list: MusterList, all: (ids: readonly string[]) => string): string =>
  table(
    ['no', 'title', 'announced', 'from', 'to', 'coordinators', 'target'],
    list.drills.map((drill) => [
      drill.sequence,
      drill.title,
      drill.announced ? 'yes' : 'no',
      moment(drill.fromMs),
      moment(drill.toMs),
      all(drill.coordinators),
      `${drill.answeredPercent} % within ${Math.round(drill.answerWithinMs / 1000)} s`,
    ]),
  );

/** What a script gets of a list. */
export const listJson = (list: MusterList, state: string): object => ({
  state,
  version: list.version,
  id: list.id,
  organisation: { name: list.genesis.name, fingerprint: list.org, words: orgWords(list.org) },
  issuedAtMs: list.issuedAtMs,
  expiresAtMs: list.expiresAtMs,
  threshold: list.genesis.threshold,
  custodians: list.genesis.custodians.map(({ name }, i) => ({ name, signed: list.signedBy.includes(i) })),
  members: list.members.map((member) => ({
    member: member.id,
    name: nameOf(member),
    role: member.role,
    ...(member.held === undefined ? {} : { held: member.held }),
    unit: member.unit,
    deputies: member.deputies,
    devices: member.devices.map(({ id, name, since }) => ({ id, name, since })),
    contacts: member.contacts ?? [],
  })),
  former: [...list.former.values()].map(({ id, name, member, role, since, until }) => ({
    id,
    name,
    member,
    role,
    since,
    until,
  })),
  relays: list.relays,
  drills: list.drills,
});

/** What whoever signs compares with the operator of each relay: devices will speak to this key and no other. */
export const sayPins = (io: Io, list: MusterList): string =>
  [
    paint(io).bold('Relays: hear these words from who runs each of them, by voice'),
    table(
      ['relay', 'pin in words'],
      list.relays.map((relay) => [relay.name, wordsOf(relayId.bytes(relay.id)).join(' ')]),
    ),
  ].join('\n');

export function sayChanges(io: Io, changes: readonly Change[], sinceVersion: number): string {
  const { bold, green, red, yellow } = paint(io);
  const marks = { added: green('+'), removed: red('-'), changed: yellow('~') } as const;
  if (changes.length === 0) return bold(`Nothing but the dates changes against list ${sinceVersion}.`);
  const lines = changes.flatMap(({ kind, what, name, details }) => [
    `  ${marks[kind]} ${what} ${name}${kind === 'changed' ? '' : ` ${kind}`}${kind !== 'changed' && details.length > 0 ? ` (${details.join('; ')})` : ''}`,
    ...(kind === 'changed' ? details.map((each) => `      ${each}`) : []),
  ]);
  return [bold(`What changes against list ${sinceVersion}:`), ...lines].join('\n');
}

/** The words both sides of a join read to each other. */
export const wordsOfJoin = (joinBytes: Bytes): string => safetyWords(hash('join', joinBytes)).join(' ');
