/**
 * How a relay is, in two sizes. Strangers on the relay's own port learn whether it works and what keeps it from
 * working; who is served, how much and how often its lists change is for the operator alone.
 */
import * as z from 'zod/mini';

const count = z.int().check(z.minimum(0));

const health = z.object({
  /** It takes appends. */
  ok: z.boolean(),
  /** What keeps it from writing, in words; null if nothing does. */
  trouble: z.nullable(z.string()),
  /** A clock that jumped; null if it did not. */
  clock: z.nullable(z.string()),
  pin: z.string(),
  host: z.string(),
  port: count,
  startedAtMs: z.number(),
  /** Hexadecimal; another one means that the disk was lost, or a backup was restored. */
  store: z.string(),
  /** Version of the admission list in force for each organisation served, 0 for none. */
  lists: z.array(z.object({ org: z.string(), version: count })),
  admitted: count,
  strangers: count,
  topics: count,
  envelopes: count,
  bytes: count,
  /** Envelopes that wait for the disk. */
  waiting: count,
  diskBytes: count,
  /** Null where the system does not say. */
  diskFreeBytes: z.nullable(count),
  memoryBytes: count,
});
export type Health = z.output<typeof health>;

/** Throws what zod throws: the other side is a relay of ours, or something is broken. */
export const parseHealth = (text: string): Health => health.parse(JSON.parse(text));

/** What a stranger gets. */
export const publicHealth = ({ ok, trouble }: Pick<Health, 'ok' | 'trouble'>): string =>
  `${JSON.stringify({ ok, trouble })}\n`;
