/** Who compared keys with whom: folded from entries of everyone's room. A member id is
 * the hash of an identity key, so who comes back with another key is somebody else, and not verified. */
import type { Body } from '../core/body.ts';
import type { Entry } from '../core/entry.ts';
import type { MemberId } from '../core/id.ts';
import { verificationOf } from '../core/verification.ts';
import { type Bytes, equal } from '../wire/bytes.ts';
import type { State, Verified } from './state.ts';
import { withKey } from './turn.ts';

export function noteVerified(state: State, entry: Entry, body: Body): State {
  const member = state.list.devices.get(entry.device)?.member;
  if (body.type !== 'verified' || member === undefined) return state;
  if (state.rooms.get(entry.room)?.info.kind !== 'org') return state;
  const digest = digestOf(state, member, body.member);
  if (body.holds && (digest === undefined || !equal(digest, body.digest))) return state; // not of these two keys
  const before = state.verified.get(member) ?? new Map<MemberId, Verified>();
  // By the author's own clock, not by arrival: two devices of one person then come out the same everywhere.
  if ((before.get(body.member)?.atMs ?? 0) > entry.timeMs) return state;
  const after = withKey(before, body.member, { how: body.how, holds: body.holds, atMs: entry.timeMs });
  return { ...state, verified: withKey(state.verified, member, after) };
}

/** What these two compare, or `undefined` if one of them is not on the list. */
export function digestOf(state: State, one: MemberId, other: MemberId): Bytes | undefined {
  const [a, b] = [one, other].map((id) => state.list.members.find((member) => member.id === id)?.identity);
  return a === undefined || b === undefined ? undefined : verificationOf(state.list.org, a, b);
}
