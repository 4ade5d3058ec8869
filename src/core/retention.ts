/**
 * For how long what people wrote is kept: by the room's policy and by the organisation's, whichever is shorter
 * (docs/protocol.md section 4.11). What is over is the text; who wrote, when and after what stays and still verifies.
 * Rooms of drills are evidence: what was written there follows the organisation's time for evidence, and no room's.
 */
import { type Codec, checked, uint } from '../wire/cbor.ts';

const dayMs = 86_400_000;
/** A hundred years. Less than a day would let a slip of the finger wipe what nobody has read yet. */
export const mostRetentionDays = 36_525;

export const retentionDays: Codec<number> = checked(
  uint(mostRetentionDays),
  (days) => days >= 1,
  'a time to keep things that is less than a day',
);

/** What a muster list says of it. Absent: for good. */
export interface OrgRetention {
  readonly retentionDays?: number;
  readonly evidenceDays?: number;
}

/** In milliseconds; `undefined`: for good. `room`: what the room's policy says. */
export function retentionMs(
  kind: string,
  room: { readonly retentionDays?: number | undefined },
  org: OrgRetention,
): number | undefined {
  const said = kind === 'drill' ? [org.evidenceDays] : [room.retentionDays, org.retentionDays];
  const days = said.filter((each) => each !== undefined);
  return days.length === 0 ? undefined : Math.min(...days) * dayMs;
}

/** When a text was written, as its author signed it, and when it came to this device by this device's clock. */
export interface Age {
  readonly timeMs: number;
  readonly receivedAtMs: number;
}

/**
 * Whether a text is over. Both times have to be old: an author whose clock was behind, or a device that was behind when it
 * received, must not cost anything. A time that is still to come is a wrong one, and must not keep a text for ever.
 */
export const isOver = ({ timeMs, receivedAtMs }: Age, keepMs: number, nowMs: number): boolean =>
  receivedAtMs <= nowMs - keepMs && (timeMs <= nowMs - keepMs || timeMs > nowMs);
