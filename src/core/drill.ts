/** When things happen in a drill. Everything follows from the signed list and a clock: no server has to be alive. */
import { readU32be, u32be } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import { drillId, type MemberId } from './id.ts';
import { derive } from './key.ts';
import type { DrillPlan, Member, MusterList } from './list.ts';

/**
 * The moment a drill starts: somewhere in its window, the same on every device, and known to nobody who does not
 * hold the list. Announced drills start at the beginning of their window.
 */
export function startOf(list: MusterList, plan: DrillPlan): number {
  if (plan.announced) return plan.fromMs;
  if (list.rendezvous === undefined)
    throw new PeerFault('out-of-place', 'this copy of the muster list was made for outsiders');
  const bytes = derive(list.rendezvous.open(), 'drill-time', 16, drillId.bytes(plan.id), u32be(plan.sequence));
  const fraction = readU32be(bytes, 0) / 2 ** 32;
  return plan.fromMs + Math.floor(fraction * (plan.toMs - plan.fromMs + 1));
}

/** How long after the start a coordinator of this rank (0 first) opens the drill if nobody has. */
export const openAfterMs = (plan: DrillPlan, rank: number): number => rank * plan.openWithinMs;

/** How long after the start a deputy of this rank (0 first) of `deputies` is asked to step in. */
export function askDeputyAfterMs(plan: DrillPlan, rank: number, deputies: number): number {
  const left = plan.closeAfterMs - plan.escalateAfterMs;
  return plan.escalateAfterMs + Math.floor((rank * left) / Math.max(1, deputies));
}

/** Members for whom `me` is a deputy, with the rank at which `me` is asked. */
export function whoIStandInFor(
  list: MusterList,
  me: MemberId,
): readonly { readonly member: Member; readonly rank: number }[] {
  return list.members.flatMap((member) => {
    const rank = member.deputies.indexOf(me);
    return rank < 0 ? [] : [{ member, rank }];
  });
}
