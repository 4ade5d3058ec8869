/**
 * What the two halves of the store say to each other: store.ts, which serves sockets, and database.ts, which may
 * wait for a disk. Everything large is in one buffer that changes hands instead of being copied.
 *
 * Both halves are one program of one version, so nothing here is checked; nothing here is kept either.
 */
import type { Receipt } from './storage.ts';

/** Where a topic is: its organisation and its name. */
export interface Place {
  readonly org: Uint8Array<ArrayBuffer>;
  readonly topic: Uint8Array<ArrayBuffer>;
}

/** Envelopes of one topic that are new as far as the sender of this knows. */
export interface Row {
  /** Index into `Batch.places`. */
  readonly place: number;
  readonly first: number;
  readonly last: number;
  readonly receivedAtMs: number;
  readonly items: Uint8Array;
  /** Of the envelopes alone. */
  readonly size: number;
  /** In pairs: what `slotOf` says of the envelope, its offset. */
  readonly marks: Float64Array<ArrayBuffer>;
}
/** An envelope that may be there already: it is only looked up. */
export interface Ask {
  readonly place: number;
  readonly slot: number;
  readonly envelope: Uint8Array;
}
/** One transaction, one fsync. */
export interface Batch {
  readonly places: readonly Place[];
  readonly rows: readonly Row[];
  readonly asks: readonly Ask[];
  /** Drop what was received before this, a bounded piece of it. */
  readonly sweepBeforeMs: number | undefined;
  /** No offset above this may be given before the batch is done. */
  readonly reserve: number | undefined;
}
/** A batch as it changes threads: numbers and bytes, two buffers. Many small objects would cost more than their commit. */
export interface Packed {
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
/** Answer to a batch that is on disk. */
export interface Done {
  /** Offsets of this batch whose envelopes were there already, with the receipts they had. */
  readonly repeats: readonly (readonly [offset: number, receipt: Receipt])[];
  /** For each ask the receipt, or nothing when it is not there. */
  readonly found: readonly (Receipt | undefined)[];
  /** Bytes kept by each organisation this batch changed. */
  readonly kept: readonly (readonly [org: string, bytes: number])[];
}
export interface Opened {
  /** Only reading makes sense. */
  readonly isDamaged: boolean;
  readonly id: Uint8Array<ArrayBuffer>;
  /** Makes slots unguessable. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** Every offset given so far is at most this. */
  readonly given: number;
  /** Time of the newest envelope. */
  readonly newestMs: number;
  readonly kept: readonly (readonly [org: string, bytes: number])[];
}
export interface RawPage {
  /** `headRoom` free bytes, then the items. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly isLast: boolean;
  readonly highest: number;
  /** Something up to about here is damaged and left out; 0 if nothing is. */
  readonly damagedTo: number;
}
export interface Totals {
  readonly topics: number;
  readonly envelopes: number;
  readonly bytes: number;
}

/** Each call with its answer. */
export interface Calls {
  open(job: StoreJob): Opened;
  batch(packed: Packed): Done;
  read(place: Place, after: number): RawPage;
  admission(org: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
  putAdmission(org: Uint8Array, version: number, list: Uint8Array): void;
  totals(): Totals;
  backup(source: string, path: string): void;
  close(): void;
}
export type CallName = keyof Calls;

export interface Question {
  readonly id: number;
  readonly call: CallName;
  readonly args: readonly unknown[];
}
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: { readonly code: 'disk' | 'unsupported-version' | 'corrupt' | 'broken'; readonly text: string };
}

/** What is opened. */
export interface StoreJob {
  readonly path: string;
  readonly limits: { readonly pageBytes: number; readonly topicBytes: number; readonly sweepItems: number };
}
