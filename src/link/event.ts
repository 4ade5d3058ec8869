/** What a link is given, and what it says. */
import type { Bytes } from '../wire/bytes.ts';
import type { RelayFrame } from '../wire/frame.ts';
import type { AccessKey, OrgId, RelayId } from '../wire/id.ts';
import type { DownCode } from './port.ts';
import type { ProxySetting } from './proxy.ts';

export interface LinkConfig {
  readonly relay: RelayId;
  /** `host:port`, raced; at least one. */
  readonly addresses: readonly string[];
  /** To begin with; `Link.goBy` changes it. */
  readonly proxy: ProxySetting;
  readonly org: OrgId;
  readonly access: AccessKey;
  /** Signs with the access key under the label `access`. */
  signAccess(parts: readonly Bytes[]): Bytes;
  /** The newest admission list this device holds, brought to a relay that has none or an older one. */
  admission?(): { readonly version: number; readonly list: Bytes } | undefined;
}

export interface LinkUp {
  readonly relay: RelayId;
  /** Of the addresses on the list the one that led there, with the IP address behind it if it is a name. */
  readonly address: string;
  /** Through which proxy, in words and without its password; absent if directly. */
  readonly proxy?: string;
  /** Store id, hexadecimal: another one than before means that the relay lost its disk. */
  readonly store: string;
  /** Relay time minus ours, corrected by half the round trip. */
  readonly offsetMs: number;
  readonly rttMs: number;
  /** Version of the admission list in force there. */
  readonly admission: number;
}
export interface LinkDown {
  readonly relay: RelayId;
  readonly code: DownCode;
  readonly text: string;
  /** When the next try comes; undefined after `close()`. */
  readonly retryInMs: number | undefined;
}
export interface LinkEvents {
  up(up: LinkUp): void;
  /** After every `up`, and after every attempt that failed. */
  down(down: LinkDown): void;
  /** Frames after `up`, in order. Answers to the link's own frames are not among them. */
  frame(relay: RelayId, frame: RelayFrame): void;
}
