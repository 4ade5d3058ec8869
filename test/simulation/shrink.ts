/** The shortest plan that still fails, found by leaving things out: halves first, then one by one, bounded. */
import type { Plan } from './type.ts';

/** Plays at most. Each is a whole run, but few mishaps make a quick one. */
const mostPlays = 80;

/** Which of a plan's mishaps and acts are left, by their places in it. */
export interface Left {
  readonly mishaps: readonly number[];
  readonly acts: readonly number[];
}

export interface Shrunk {
  readonly plan: Plan;
  readonly left: Left;
  readonly plays: number;
}

export const pickFrom = (plan: Plan, { mishaps, acts }: Left): Plan => ({
  ...plan,
  mishaps: plan.mishaps.filter((_, i) => mishaps.includes(i)),
  acts: plan.acts.filter((_, i) => acts.includes(i)),
});

/** `fails` plays a plan, and is true if something does not hold in it; it is of the whole plan. */
export function shrink(plan: Plan, fails: (plan: Plan) => boolean): Shrunk {
  let plays = 0;
  let left: Left = { mishaps: [...plan.mishaps.keys()], acts: [...plan.acts.keys()] };
  const keep = (other: Left): boolean => {
    if (plays >= mostPlays) return false;
    plays += 1;
    if (!fails(pickFrom(plan, other))) return false;
    left = other;
    return true;
  };
  for (const what of ['mishaps', 'acts', 'mishaps'] as const) {
    for (let size = left[what].length; size >= 1; size = Math.floor(size / 2))
      for (let from = 0; from < left[what].length; ) {
        const without = left[what].toSpliced(from, size);
        if (!keep({ ...left, [what]: without })) from += size;
      }
  }
  return { plan: pickFrom(plan, left), left, plays };
}
