/** What a simulation is made of, as data. A plan says all that will be done to a world: the world's own chance is its seed. */

export interface Setting {
  readonly seed: number;
  readonly hours: number;
  readonly devices: number;
  readonly relays: number;
}

/** 0: the room of the incident; 1: everyone's. */
export type RoomAt = 0 | 1;

/** Members and devices by index in the founding list: device i is of member i. */
export type Operation =
  | { readonly type: 'remove' | 'add'; readonly member: number }
  | { readonly type: 'remove-device'; readonly device: number }
  | {
      readonly type: 'role';
      readonly member: number;
      readonly role: 'commander' | 'officer' | 'responder' | 'observer';
    }
  | { readonly type: 'policy'; readonly history: 'none' | 'all'; readonly horizon: 'default' | 'high' };

/** What a person does. Times are counted from the beginning of the run. */
export type Act = { readonly atMs: number; readonly device: number } & (
  | { readonly type: 'say'; readonly room: RoomAt }
  | { readonly type: 'heal'; readonly room: RoomAt }
  | { readonly type: 'operate'; readonly room: RoomAt; readonly operation: Operation }
  | { readonly type: 'verify'; readonly member: number }
  | { readonly type: 'answer' }
);

export type Lie = 'drop' | 'replay' | 'swap' | 'forge' | 'equivocate';

/** What goes wrong. It begins at `atMs` and, where it has a `forMs`, ends after it. */
export type Mishap = { readonly atMs: number } & (
  | { readonly type: 'cut'; readonly device: number; readonly relay: number; readonly forMs: number }
  /** Each device reaches the relay of its side alone; a side without a relay is alone. */
  | { readonly type: 'partition'; readonly sides: readonly number[]; readonly forMs: number }
  /** A connection breaks, and what is under way in it is lost. */
  | { readonly type: 'reset'; readonly device: number; readonly relay: number }
  | { readonly type: 'slow'; readonly delayMs: number; readonly forMs: number }
  | { readonly type: 'repeat'; readonly device: number; readonly relay: number; readonly forMs: number }
  | { readonly type: 'reorder'; readonly relay: number; readonly forMs: number }
  | { readonly type: 'relay-crash'; readonly relay: number; readonly forMs: number }
  | { readonly type: 'slow-disk'; readonly relay: number; readonly syncMs: number; readonly forMs: number }
  | { readonly type: 'relay-wipe'; readonly relay: number }
  | { readonly type: 'relay-rollback'; readonly relay: number; readonly backMs: number }
  /** To one device alone; a captive one reaches no other relay meanwhile. */
  | {
      readonly type: 'lie';
      readonly relay: number;
      readonly device: number;
      readonly how: Lie;
      readonly isCaptive: boolean;
      readonly forMs: number;
    }
  /** Acknowledges and keeps nothing. */
  | { readonly type: 'keep-nothing'; readonly relay: number; readonly forMs: number }
  /** Dies at its `write`th write from then on: with that on disk, or not. */
  | {
      readonly type: 'crash';
      readonly device: number;
      readonly write: number;
      readonly kept: boolean;
      readonly forMs: number;
    }
  | { readonly type: 'sleep'; readonly device: number; readonly forMs: number }
  /** Its disk is what it was so long ago. */
  | { readonly type: 'put-back'; readonly device: number; readonly backMs: number }
  | { readonly type: 'clone'; readonly device: number }
  | { readonly type: 'clock'; readonly device: number; readonly byMs: number; readonly forMs: number }
  /** Devices out of the list, or replaced by another of the same person, or a person who comes. Each hears of it later. */
  | {
      readonly type: 'list';
      readonly out?: number;
      readonly replaced?: number;
      readonly newcomer: boolean;
      readonly heardMs: readonly number[];
    }
  /** Somebody hands a device the list before the one it holds. */
  | { readonly type: 'old-list'; readonly device: number }
);

export interface Plan {
  readonly setting: Setting;
  /** When the drill begins, if there is one. */
  readonly drillAtMs?: number;
  /** Relays to which more happens than to an honest one. */
  readonly bad: readonly number[];
  /** Per device, its clock minus the true time. */
  readonly clocksMs: readonly number[];
  readonly acts: readonly Act[];
  readonly mishaps: readonly Mishap[];
}

export interface Outcome {
  readonly setting: Setting;
  /** Of all that was sent, written and known at the end. */
  readonly digest: string;
  readonly steps: number;
  /** Entries that were written. */
  readonly entries: number;
  /** What did not hold, in words. */
  readonly wrong: readonly string[];
  /** What was done, and when. */
  readonly log: readonly string[];
}
