/**
 * What the relay asks of a store, and all it knows of one: topics with offsets, and the admission lists. It is
 * asynchronous, so that a store on other machines can stand behind it as well as the SQLite file of database.ts.
 *
 * A store must never answer an append before it would survive a power loss, never give an offset twice, and never
 * look into an envelope. It shows listeners what comes before it is safe: what they saw may be lost, its offset is
 * then never given to anything else.
 */
import type { Bytes } from '../src/wire/bytes.ts';
import type { OrgId, TopicId } from '../src/wire/id.ts';
import type { Parcel } from './parcel.ts';

export interface Receipt {
  readonly offset: number;
  readonly receivedAtMs: number;
}
export interface Page {
  /** In order; what listeners were shown and is not on disk yet comes last. */
  readonly parcels: readonly Parcel[];
  /** Nothing was after these when they were read. */
  readonly isLast: boolean;
  /** The highest offset in this topic, 0 without any. */
  readonly last: number;
  /** Something up to about here is damaged and left out, and who reads on begins there at least; 0 if nothing is. */
  readonly damagedTo: number;
}
export interface Append {
  readonly org: OrgId;
  readonly items: readonly (readonly [TopicId, Bytes])[];
  /** What the organisation may keep here in all. */
  readonly quotaBytes: number;
}
/** Called as soon as an envelope has its offset, before the commit; offsets ascend within a topic. */
export type StoreListener = (org: OrgId, topic: TopicId, parcel: Parcel) => void;

/** Totals, cheap to ask for. */
export interface StoreStats {
  readonly topics: number;
  /** Kept envelopes and their bytes, all organisations together. */
  readonly envelopes: number;
  readonly bytes: number;
  /** Envelopes that wait for the disk at this moment. */
  readonly waiting: number;
  /** Bytes of the files. */
  readonly diskBytes: number;
}

export interface Store {
  /** Made with the database: another one means that the disk was lost. */
  readonly id: Bytes;
  /**
   * Resolves when everything is on disk, receipts in the order of the items; an envelope that is there already gets
   * the receipt it had. Rejects with `Refused` (quota, busy, disk) or `Broken`: then none of it counts.
   */
  append(append: Append): Promise<readonly Receipt[]>;
  /** What comes after offset `after`, bounded in items and bytes. */
  read(org: OrgId, topic: TopicId, after: number): Promise<Page>;
  listen(listener: StoreListener): void;
  admission(org: OrgId): Promise<Bytes | undefined>;
  /** Resolves when the list is on disk. The caller has checked it. */
  putAdmission(org: OrgId, version: number, list: Bytes): Promise<void>;
  /** Drops what is older than the limits allow, with the next commit; bounded work per call. Finds out whether trouble is over. */
  sweep(nowMs: number): Promise<void>;
  stats(): Promise<StoreStats>;
  /**
   * Writes a copy of the whole store to `path`, which must not exist, while appends and reads go on. Opened as a
   * store it takes another id: what came after the copy is missing in it, and devices must learn that. Rejects with
   * `Refused('disk')`.
   */
  backup(path: string): Promise<void>;
  /** What keeps the store from writing, if anything does. */
  readonly trouble: string | undefined;
  /** What an administrator should know and keeps nothing from working: a clock that jumped. */
  readonly notice: string | undefined;
  close(): Promise<void>;
}
