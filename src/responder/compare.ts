/** This person and another compare keys: what they compare, and whether they did. */
import type { MemberId } from '../core/id.ts';
import { type Member, nameOf } from '../core/list.ts';
import { isVerificationCode, verificationCode, verificationWords } from '../core/verification.ts';
import { digestOf } from '../engine/verified.ts';
import type { Compared, ComparisonView } from '../ipc/view.ts';
import type { Bytes } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import type { Responder } from './responder.ts';

/** Throws `CallerFault('not-found')` for oneself and for who is not on the list. */
export function viewComparison(device: Responder, id: MemberId): ComparisonView {
  const { member, digest } = pairOf(device, id);
  const compared = comparedWith(device, id);
  return {
    member: id,
    name: nameOf(member),
    words: verificationWords(digest),
    code: verificationCode(digest),
    ...(compared === undefined ? {} : { compared }),
  };
}

/** True if a code from the other one's screen is of these two. Throws `CallerFault('invalid')` if it is of no two. */
export const checkCode = (device: Responder, id: MemberId, code: string): boolean =>
  isVerificationCode(code, pairOf(device, id).digest);

/** When this person compared keys with a member, and how; `undefined` if they did not, or took it back. */
export function comparedWith({ state }: Responder, id: MemberId): Compared | undefined {
  const noted = state.verified.get(state.self.member)?.get(id);
  return noted?.holds === true ? { how: noted.how, atMs: noted.atMs } : undefined;
}

function pairOf({ state }: Responder, id: MemberId): { readonly member: Member; readonly digest: Bytes } {
  const member = state.list.members.find((each) => each.id === id);
  const digest = digestOf(state, state.self.member, id);
  if (member === undefined || digest === undefined || id === state.self.member)
    throw new CallerFault('not-found', 'That is nobody else on the muster list.');
  return { member, digest };
}
