/**
 * How a relay is, in two sizes. Strangers on the relay's own port learn whether it works and what keeps it from
 * working; who is served, how much and how often its lists change is for the operator alone.
 */
import { statfs } from 'node:fs/promises';
import * as z from 'zod/mini';
import { hex } from '../src/wire/bytes.ts';
import type { OrgId } from '../src/wire/id.ts';
import type { Gate } from './gate.ts';
import type { Store } from './storage.ts';

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

/** What is so whether the relay runs or not. */
export type Stored = Pick<
  Health,
  | 'ok'
  | 'trouble'
  | 'clock'
  | 'store'
  | 'lists'
  | 'topics'
  | 'envelopes'
  | 'bytes'
  | 'waiting'
  | 'diskBytes'
  | 'diskFreeBytes'
>;

/** `dataDir`: where the store lies. */
export async function readStored(store: Store, gate: Gate, orgs: readonly OrgId[], dataDir: string): Promise<Stored> {
  const { topics, envelopes, bytes, waiting, diskBytes } = await store.stats();
  const disk = await statfs(dataDir).catch(() => undefined);
  return {
    ok: store.trouble === undefined,
    trouble: store.trouble ?? null,
    clock: store.notice ?? null,
    store: hex(store.id),
    lists: orgs.map((org) => ({ org, version: gate.version(org) })),
    ...{ topics, envelopes, bytes, waiting, diskBytes },
    diskFreeBytes: disk === undefined ? null : disk.bavail * disk.bsize,
  };
}

/** What a stranger gets. */
export const publicHealth = ({ ok, trouble }: Pick<Health, 'ok' | 'trouble'>): string =>
  `${JSON.stringify({ ok, trouble })}\n`;
