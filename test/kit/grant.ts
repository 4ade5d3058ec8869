/** A room of three whose grants are judged, by the first of them commanding it, with and without operations. */
import { type Body, encodeBody } from '../../src/core/body.ts';
import { emptyControl, noteControl } from '../../src/core/control.ts';
import { type Entry, makeEntry } from '../../src/core/entry.ts';
import { type Grant, makeGrant, openEpoch, type SendFacts } from '../../src/core/epoch.ts';
import { type PrekeyId, prekeyId } from '../../src/core/id.ts';
import { Membership } from '../../src/core/membership.ts';
import { encodePayload, readPayload } from '../../src/core/payload.ts';
import { orgRoom } from '../../src/core/room.ts';
import type { Self } from '../../src/engine/state.ts';
import { foundMuster } from './muster.ts';
import { seeded } from './random.ts';

const nowMs = 1_800_000_000_000;

export function castOfGrants() {
  const random = seeded(1);
  const founded = foundMuster(random, { members: 3 });
  const room = orgRoom(founded.list);
  const at = (i: number): Self => {
    const self = founded.selves[i];
    if (self === undefined) throw new Error('three were founded');
    return self;
  };
  const granter = (i: number) => ({ key: at(i).keys.sign, device: at(i).device });
  const to = (i: number): PrekeyId =>
    founded.list.devices.get(at(i).device)?.prekey.id ?? prekeyId.of(new Uint8Array(32));
  /** An operation by the commander, who is the first; nobody knows of it before it is in a log. */
  const operation = (body: Body): Entry => {
    const facts = { device: at(0).device, seq: 0, heads: [], timeMs: nowMs, control: [] };
    return makeEntry(at(0).keys.sign, room.id, { ...facts, body: encodeBody(body), salt: random(16) });
  };
  /** The room as a device sees it that knows these operations. */
  const knowing = (...entries: readonly Entry[]): SendFacts => {
    const log = entries.reduce(noteControl, emptyControl);
    const membership = new Membership(room, founded.list, log);
    return {
      room: room.id,
      control: membership.heads,
      listVersion: 1,
      roster: membership.roster,
      isKnown: (id) => log.operations.has(id),
      rosterAt: (heads) => membership.rosterAt(heads),
      hasOnlyGrownSince: (heads) => membership.hasOnlyGrownSince(heads),
    };
  };
  const facts = knowing();
  const less = (roster: SendFacts['roster'], i: number) => new Map([...roster].filter(([id]) => id !== at(i).device));
  /** The room under a list that has not this member's device, whatever operations are named. */
  const without = (i: number): SendFacts => ({
    ...facts,
    roster: less(facts.roster, i),
    rosterAt: (heads) => less(facts.rosterAt(heads), i),
  });
  const remove = (i: number, cut: number): Body => ({
    type: 'remove',
    members: [at(i).member],
    devices: [],
    cut: [[at(i).device, cut]],
  });
  return {
    random,
    facts,
    at,
    granter,
    to,
    operation,
    knowing,
    remove,
    without,
    epoch: openEpoch(at(0).keys.sign, at(0).device, facts, nowMs, random),
  };
}

/** A grant as it comes out of a packet. */
export function granted(...parts: Parameters<typeof makeGrant>): Grant {
  const payload = readPayload(encodePayload({ type: 'grant', ...makeGrant(...parts) }));
  if (payload.type !== 'grant') throw new Error('a grant was sealed');
  const { type: _, ...grant } = payload;
  return grant;
}
