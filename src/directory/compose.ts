/**
 * From what people wrote (contacts, relays, programme) and what devices made (join requests) to the leaves of the
 * next muster list. Pure: randomness is an argument. It must never drop anything silently: a line without a device,
 * a device without a line and a planned drill that vanished are refused, not repaired.
 */
import { drillId, type MemberId, memberOf } from '../core/id.ts';
import type { JoinRequest } from '../core/join.ts';
import type { Random } from '../core/key.ts';
import type { LeafBody, LeafOf } from '../core/leaf.ts';
import type { DrillPlan, MusterList } from '../core/list.ts';
import type { OrgRetention } from '../core/retention.ts';
import { equal } from '../wire/bytes.ts';
import type { RelayCard } from '../wire/card.ts';
import { CallerFault } from '../wire/fault.ts';
import type { Contact } from './contacts.ts';
import { findReturned, findTooMany, formerLeaves, heldBy, sinceOf } from './past.ts';
import { type Problem, throwIfAny } from './problem.ts';
import type { PlannedDrill } from './programme.ts';

export interface Parts {
  readonly contacts: readonly Contact[];
  readonly joins: readonly JoinRequest[];
  readonly relays: readonly RelayCard[];
  readonly programme: readonly PlannedDrill[];
  /** What is given here; without it what the list before says. */
  readonly retention?: OrgRetention;
  /** The list in force, if there is one: its drills, its rendezvous and its numbering go on, and its devices stay known. */
  readonly previous?: MusterList;
  readonly nowMs: number;
}

const policyLeaf = (retention: OrgRetention): readonly LeafBody[] =>
  Object.keys(retention).length === 0 ? [] : [{ type: 'policy', ...retention }];

/** Throws `CallerFault('invalid')` naming everything that does not fit together. */
export function composeLeaves(parts: Parts, random: Random): readonly LeafBody[] {
  const { contacts, relays, previous } = parts;
  const members = matchMembers(contacts, parts.joins, previous);
  const idOf = (handle: string): MemberId => {
    const id = members.get(handle)?.id;
    if (id === undefined) throw new CallerFault('invalid', `There is no line with the handle "${handle}".`);
    return id;
  };
  const pins = relays.map((relay) => relay.relay);
  if (relays.length === 0)
    throw new CallerFault('invalid', 'A muster list needs at least one relay: make one with muster relay init.');
  if (new Set(pins).size !== pins.length)
    throw new CallerFault('invalid', 'The same relay is given twice: each relay.json must be of another relay.');
  const former = formerLeaves(previous, new Set(parts.joins.map(({ device }) => device.id)));
  throwIfAny(findTooMany(former));
  return [
    ...contacts.flatMap((contact): readonly LeafBody[] => {
      const { identity, devices } = members.get(contact.handle) ?? { identity: new Uint8Array(), devices: [] };
      const member = idOf(contact.handle);
      const held = heldBy(previous, member, contact.role);
      return [
        {
          type: 'member',
          member,
          identity,
          role: contact.role,
          unit: contact.unit,
          deputies: contact.deputies.map(idOf),
          devices,
          ...(held === undefined ? {} : { held }),
        },
        { type: 'name', member, name: contact.name },
        { type: 'contact', member, timeZone: contact.timeZone, paths: contact.paths },
      ];
    }),
    ...relays.map((relay): LeafBody => ({ type: 'relay', ...relay })),
    ...composeDrills(parts, new Map([...members].map(([handle, { id }]) => [handle, id])), random),
    // Kept: rooms and inboxes follow from it, and a new one would leave every room of the old list behind.
    ...policyLeaf(parts.retention ?? previous?.retention ?? {}),
    { type: 'rendezvous', secret: previous?.rendezvous?.open() ?? random(32) },
    ...former,
  ];
}

interface Joined {
  readonly id: MemberId;
  readonly identity: JoinRequest['identity'];
  readonly devices: LeafOf<'member'>['devices'];
}

function matchMembers(
  contacts: readonly Contact[],
  joins: readonly JoinRequest[],
  previous: MusterList | undefined,
): ReadonlyMap<string, Joined> {
  const handles = new Set(contacts.map(({ handle }) => handle));
  const problems: Problem[] = joins
    .filter(({ handle }) => !handles.has(handle))
    .map(({ handle, device }) => ({
      where: `join request of "${handle}" (${device.name})`,
      text: 'the contact file has no line with this handle',
    }));
  problems.push(...findReturned(previous, joins));
  const members = new Map<string, Joined>();
  for (const { handle, identity, certificate, prekey, device } of joins) {
    const known = members.get(handle);
    if (known !== undefined && !equal(known.identity, identity)) {
      problems.push({
        where: `join requests of "${handle}"`,
        text: 'there are two of different people or installations; give the one whose safety words you heard',
      });
    } else {
      const devices = [...(known?.devices ?? []), { certificate, prekey, since: sinceOf(previous, device.id) }];
      members.set(handle, { id: memberOf(identity), identity, devices });
    }
  }
  const missing = contacts.filter(({ handle }) => !members.has(handle)).map(({ handle }) => handle);
  if (missing.length > 0) {
    problems.push({
      where: 'join requests',
      text: `none was given for ${missing.join(', ')}; each makes one with muster device init. Give those of everybody, old and new`,
    });
  }
  throwIfAny(problems);
  return members;
}

/**
 * The drills of the list before stay for good: a planned drill that vanished could be one that was hidden. A drill of
 * the programme with the same title and beginning is the same drill, and may be changed until its window opens.
 */
function composeDrills(
  { programme, previous, nowMs }: Parts,
  members: ReadonlyMap<string, MemberId>,
  random: Random,
): readonly LeafBody[] {
  const problems: Problem[] = [];
  const before = previous?.drills ?? [];
  const isSame = (plan: DrillPlan, drill: PlannedDrill) => plan.title === drill.title && plan.fromMs === drill.fromMs;
  const coordinatorsOf = (drill: PlannedDrill): readonly MemberId[] =>
    drill.coordinators.flatMap((handle) => {
      const id = members.get(handle);
      if (id === undefined)
        problems.push({
          where: `${drill.where}.coordinators`,
          text: `the contact file has no line with the handle "${handle}"`,
        });
      return id === undefined ? [] : [id];
    });
  const here = new Set(members.values());
  const kept = before.map(({ id, ...plan }): LeafBody => {
    const again = programme.find((drill) => isSame({ id, ...plan }, drill));
    const coordinators =
      again === undefined ? plan.coordinators.filter((member) => here.has(member)) : coordinatorsOf(again);
    if (again === undefined && coordinators.length === 0) {
      const text =
        'none of its coordinators is on the list any more; name others in the programme under the same title and "from"';
      problems.push({ where: `drill ${plan.sequence} "${plan.title}"`, text });
    }
    const facts = again !== undefined && plan.fromMs > nowMs ? again : plan;
    return drillLeaf(id, plan.sequence, facts, coordinators);
  });
  const added = programme.filter((drill) => !before.some((plan) => isSame(plan, drill)));
  for (const drill of added) {
    if (drill.toMs <= nowMs) problems.push({ where: `${drill.where}.to`, text: 'this drill would be over already' });
  }
  const last = Math.max(0, ...before.map((plan) => plan.sequence));
  const next = added.map((drill, i) => drillLeaf(drillId.of(random(32)), last + 1 + i, drill, coordinatorsOf(drill)));
  throwIfAny(problems);
  return [...kept, ...next];
}

function drillLeaf(
  id: DrillPlan['id'],
  sequence: number,
  facts: Omit<PlannedDrill, 'where' | 'coordinators'>,
  coordinators: readonly MemberId[],
): LeafBody {
  const {
    title,
    announced,
    fromMs,
    toMs,
    scenario,
    injects,
    openWithinMs,
    answerWithinMs,
    escalateAfterMs,
    closeAfterMs,
    answeredPercent,
  } = facts;
  return {
    type: 'drill',
    drill: id,
    sequence,
    title,
    announced,
    fromMs,
    toMs,
    scenario,
    injects,
    coordinators,
    openWithinMs,
    answerWithinMs,
    escalateAfterMs,
    closeAfterMs,
    answeredPercent,
  };
}
