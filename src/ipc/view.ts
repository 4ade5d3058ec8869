/**
 * What a window is shown. Plain data, already in the words of the screen's domain but not yet formatted: no key,
 * no topic, no ciphertext. Ids are hex text. Times are milliseconds since 1970 UTC.
 */
import type { Answer, Report } from '../core/report.ts';

export type { Answer, Report };

export interface VaultView {
  /** `none`: this folder holds no device yet. */
  readonly state: 'none' | 'locked' | 'open';
  /** Name of the device, once the vault is open. */
  readonly device?: string;
}

export interface RelayView {
  readonly id: string;
  readonly name: string;
  /** The one that led there last, or the first on the list. */
  readonly address: string;
  /** The proxy that led there last, without its password; absent if it was reached directly, or not yet. */
  readonly proxy?: string;
  readonly state: 'up' | 'down' | 'connecting';
  readonly sinceMs: number;
  /** Relay's clock minus ours, when last measured. */
  readonly offsetMs?: number;
  /** Why it is down, in words. */
  readonly text?: string;
}

export interface RoomLine {
  readonly id: string;
  readonly title: string;
  readonly kind: 'org' | 'incident' | 'drill' | 'direct';
  readonly members: number;
  /** Without an author: something happened, and the text says who did it. */
  readonly last?: { readonly author?: string; readonly text: string; readonly atMs: number };
}

export interface AlarmView {
  readonly drill: string;
  readonly title: string;
  readonly scenario: string;
  /** Always true for a drill; a drill is marked as one everywhere. */
  readonly exercise: true;
  readonly startedAtMs: number;
  readonly answerByMs: number;
  readonly closesAtMs: number;
  readonly room: string;
  readonly state: 'running' | 'closed';
  /** The answer this person gave. */
  readonly answered?: Answer;
  /** People this person is asked to stand in for now. */
  readonly standInFor: readonly { readonly member: string; readonly name: string; readonly role: string }[];
  readonly members: number;
  readonly reached: number;
  readonly acknowledged: number;
}

/** This device's clock, by the relays. */
export interface ClockView {
  /** Relays' time minus ours, the middle of them. */
  readonly offsetMs: number;
  /** How many relays say so. */
  readonly relays: number;
  /** It is so far off that others will wonder at what this device writes. */
  readonly wrong: boolean;
}

export interface HomeView {
  readonly me: { readonly member: string; readonly name: string; readonly role: string; readonly device: string };
  readonly organisation: {
    readonly name: string;
    readonly fingerprint: string;
    readonly words: readonly string[];
    readonly listVersion: number;
    readonly listExpiresAtMs: number;
  };
  readonly relays: readonly RelayView[];
  /** What this device does about proxies, in half a sentence, without any password. */
  readonly proxy: string;
  /** Absent until a relay was reached. */
  readonly clock?: ClockView;
  readonly rooms: readonly RoomLine[];
  /** The drill that runs now, or the last one if it closed within the past day. */
  readonly alarm?: AlarmView;
  /** Entries written here that no relay holds yet. */
  readonly waiting: number;
  /** This device was copied, or put back to an earlier state: it reads and does not write. */
  readonly retired: boolean;
  readonly nowMs: number;
}

export interface MessageView {
  /** What the entry tells of, if that is a file. `text` says the same in words. */
  readonly file?: FileView;
  readonly entry: string;
  readonly author: string;
  readonly authorName: string;
  readonly own: boolean;
  readonly atMs: number;
  /** `notice`: something happened, written by a device rather than typed by a person. */
  readonly kind: 'text' | 'notice';
  readonly text: string;
  /** Relays that told this device that they have it on disk; they tell it to who sent it. Of others' messages: 0. */
  readonly relays: number;
  readonly relaysTotal: number;
  /** Devices of the room that said they have it, the author's own included. */
  readonly devices: number;
  readonly devicesTotal: number;
  readonly members: readonly {
    readonly name: string;
    readonly has: boolean;
    /** A device of theirs said that they have read it. False of who wrote it, and of what is not shown as written. */
    readonly read: boolean;
  }[];
}

export interface FileView {
  readonly entry: string;
  /** Fit to be shown, and to be the name it is saved under. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly authorName: string;
  readonly own: boolean;
  readonly atMs: number;
  readonly state: 'here' | 'fetching' | 'elsewhere';
  /** This device brings it to relays. */
  readonly offered: boolean;
  /** Parts it travels in, and how many of them are here. */
  readonly chunks: number;
  readonly here: number;
  /** The most parts that any relay told this device it has on disk, and how many told so of all. */
  readonly sentChunks: number;
  readonly relays: number;
  readonly relaysTotal: number;
  /** Why a relay does not take it now. */
  readonly trouble?: string;
}

export interface RoomView {
  readonly id: string;
  readonly title: string;
  readonly kind: RoomLine['kind'];
  readonly members: readonly {
    readonly member: string;
    readonly name: string;
    /** In this room; on the muster list it may be another. */
    readonly role: string;
    readonly you: boolean;
    /** This person may put them out. Always false for oneself. */
    readonly mayRemove: boolean;
  }[];
  /** What this person is in this room; absent when they are not in it any more. */
  readonly role?: string;
  /** False when this person or device is out, or the device is retired. */
  readonly mayWrite: boolean;
  readonly mayAdd: boolean;
  /** What who comes later may read of before: nothing older than a quarter of an hour, or everything. */
  readonly history: 'none' | 'all';
  /** Two people put each other out at the same time: somebody has to talk about it. */
  readonly contested: boolean;
  /** Oldest first. */
  readonly messages: readonly MessageView[];
  /** True when there are older messages than these. */
  readonly more: boolean;
  /** True when there are newer ones. */
  readonly newer: boolean;
  /** Whose entries are known to be missing here, how many, and from which of theirs on. They are asked for. */
  readonly missing: readonly { readonly name: string; readonly entries: number; readonly from: number }[];
  /** Envelopes of this room that wait for a key: shown, never hidden. */
  readonly waitingForKey: number;
}

/** A part of a text, from this place of its UTF-16 up to, not including, that one. */
export interface Hit {
  readonly from: number;
  readonly to: number;
}

/** What answers a search. Hits are ascending and apart. */
export interface SearchView {
  /** Whose titles do. Only with the first page of a search in all rooms. */
  readonly rooms: readonly (Pick<RoomLine, 'id' | 'title' | 'kind'> & { readonly hits: readonly Hit[] })[];
  /** The newest first, by when they came to this device. */
  readonly messages: readonly {
    readonly room: string;
    readonly title: string;
    readonly entry: string;
    readonly authorName: string;
    readonly atMs: number;
    /** The part of it that answers, on one line. */
    readonly text: string;
    /** What of `text` was found. */
    readonly hits: readonly Hit[];
    /** For the page after this one. */
    readonly place: number;
  }[];
  readonly more: boolean;
}

/** What came of a courier file. */
export interface CourierView {
  /** Envelopes in what could be read of it; each is one of the three below. */
  readonly envelopes: number;
  readonly fresh: number;
  /** This device had them. */
  readonly known: number;
  /** Of rooms this device is not in, or from before it was. */
  readonly foreign: number;
  /** Messages and other entries that are new here. */
  readonly entries: number;
  /** It is no courier file but says what another device has: so many envelopes. */
  readonly has: number;
  /** Why it does not hold to its end, in words. What came before is kept. */
  readonly trouble?: string;
}

export interface Compared {
  readonly how: 'words' | 'code';
  readonly atMs: number;
}

/** What this person and another compare, to be sure that each has the other's right keys. */
export interface ComparisonView {
  readonly member: string;
  readonly name: string;
  /** The same eight on both sides. */
  readonly words: readonly string[];
  /** The same as text, for a QR code. */
  readonly code: string;
  readonly compared?: Compared;
}

export interface ListView {
  readonly version: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly custodians: readonly { readonly name: string; readonly signed: boolean }[];
  readonly threshold: number;
  readonly members: readonly {
    readonly member: string;
    readonly name: string;
    readonly role: string;
    readonly unit: string;
    readonly deputies: readonly string[];
    readonly contacts: readonly { readonly kind: string; readonly value: string; readonly offPrimary: boolean }[];
    readonly devices: number;
    readonly you: boolean;
    /** This person compared keys with them. */
    readonly compared?: Compared;
  }[];
  readonly relays: readonly { readonly id: string; readonly name: string; readonly addresses: readonly string[] }[];
  readonly drills: {
    readonly planned: number;
    readonly announced: readonly { readonly title: string; readonly fromMs: number; readonly toMs: number }[];
  };
}

/** What a person sets on this device. */
export interface DeviceView {
  /** Rooms are told what is read here. */
  readonly tellsReading: boolean;
  /** As it is kept. The name and the password of a proxy never come to a window. */
  readonly proxy: {
    readonly use: 'system' | 'named' | 'none';
    /** Never directly. */
    readonly isOnly: boolean;
    readonly address?: string;
    readonly hasLogin: boolean;
    /** All of it in half a sentence. */
    readonly text: string;
    /** What counts in this run instead: whoever started Muster said so. */
    readonly instead?: string;
    /** The proxy that the system names, if it names one now. */
    readonly system?: string;
  };
}

/** The relay that this machine is, or could be. */
export interface RelayHereView {
  /** `waiting`: it was asked for and does not run now; it is tried again by itself. `trouble` says why. */
  readonly state: 'off' | 'running' | 'waiting';
  /** Where it could listen: addresses of this machine, one by one, never all of them. */
  readonly choices: readonly {
    readonly address: string;
    /** What the system calls the network card. */
    readonly network: string;
    /** Reached by programs of this machine alone. */
    readonly onlyHere: boolean;
  }[];
  /** While it runs: where, as `host:port`. */
  readonly at?: string;
  /**
   * Once it has run, and while the vault is open: what the muster list has to say of it. It stays the same over
   * stopping and starting.
   */
  readonly known?: {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    /** `host:port` as a device is told it. */
    readonly address: string;
    readonly pin: string;
    readonly words: readonly string[];
    /** What a custodian is given: the text of relay.json, which is also the text of its QR code. */
    readonly card: string;
    /** Where that file lies on this machine. */
    readonly cardPath: string;
  };
  readonly devices: number;
  /** What is wrong, what it means, and what to do. */
  readonly trouble?: string;
  /** What the muster list of this device says of a relay with this pin. Absent if nothing, or while the vault is locked. */
  readonly listed?: { readonly version: number; readonly name: string; readonly addresses: readonly string[] };
}

export interface ReportLine {
  readonly drill: string;
  readonly title: string;
  readonly startedAtMs: number;
  readonly closed: boolean;
}

/** Something changed; the window reads again what it shows. */
export interface ChangeEvent {
  readonly home: boolean;
  readonly alarm: boolean;
  readonly vault: boolean;
  /** The relay on this machine. */
  readonly relay: boolean;
  /** Rooms with something new. */
  readonly rooms: readonly string[];
}
