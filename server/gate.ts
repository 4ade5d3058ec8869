/**
 * Who may enter. The gate knows, per organisation this relay serves, the access keys of the admission list in
 * force; a door leads one socket through hello → challenge → proof → welcome.
 *
 * It must never let a device in without a signature over this socket's nonce bound to this relay's pin, never go
 * back to an older list, and never tell a stranger which of "wrong signature", "unknown device" and "unknown
 * organisation" it was.
 */
import { randomBytes } from 'node:crypto';
import {
  type Admission,
  accessProof,
  checkAccessProof,
  encodeAdmission,
  readAdmission,
} from '../src/core/admission.ts';
import { type Bytes, equal } from '../src/wire/bytes.ts';
import { PeerFault, Refused } from '../src/wire/fault.ts';
import type { ClientFrame, RelayFrame } from '../src/wire/frame.ts';
import type { AccessKey, OrgId, RelayId } from '../src/wire/id.ts';
import { pickVersion } from '../src/wire/version.ts';
import { Bucket } from './bucket.ts';
import { nodeChecker } from './check.ts';
import type { RelayLimits } from './limit.ts';
import { refusalText } from './refusal.ts';
import type { Store } from './storage.ts';

export interface Entrant {
  readonly org: OrgId;
  readonly access: AccessKey;
}
export interface GateConfig {
  readonly pin: RelayId;
  /** The organisations served here; lists of any other are refused unread. */
  readonly orgs: readonly OrgId[];
  readonly store: Store;
  readonly limits: RelayLimits;
  now(): number;
  /** Called as soon as a list that no longer has these devices is in force. */
  onRevoked(org: OrgId, isAdmitted: (access: AccessKey) => boolean): void;
}

interface InForce {
  readonly admission: Admission;
  readonly bytes: Bytes;
  readonly access: ReadonlySet<AccessKey>;
  isOnDisk: boolean;
}

export class Gate {
  readonly #config: GateConfig;
  readonly #lists = new Map<OrgId, InForce>();
  readonly #strangerLists: Bucket;

  constructor(config: GateConfig) {
    this.#config = config;
    const perSecond = config.limits.strangerListsPerSecond;
    this.#strangerLists = new Bucket(perSecond, 4 * perSecond, config.now());
  }

  /** Takes up the lists kept on disk. They are checked again: a file on a relay proves nothing by lying there. */
  async load(): Promise<void> {
    for (const org of this.#config.orgs) {
      const bytes = await this.#config.store.admission(org);
      if (bytes === undefined) continue;
      const read = readAdmission(bytes, nodeChecker);
      if (read.org !== org)
        throw new PeerFault('wrong-organisation', 'the kept admission list is of another organisation');
      this.#lists.set(org, inForce(read.admission, bytes, true));
    }
  }

  isAdmitted({ org, access }: Entrant): boolean {
    return this.#lists.get(org)?.access.has(access) ?? false;
  }

  /** Version of the list in force; 0 if there is none yet. */
  version(org: OrgId): number {
    return this.#lists.get(org)?.admission.version ?? 0;
  }

  quotaBytes(org: OrgId): number {
    const { orgBytes } = this.#config.limits;
    return Math.min(orgBytes, this.#lists.get(org)?.admission.quotaBytes ?? orgBytes);
  }

  /**
   * Puts a list in force and answers its version once it is on disk. The same list again is fine. Throws
   * `PeerFault` (malformed, bad-signature, threshold, wrong-organisation, rolled-back) or `Refused('disk')`.
   */
  async admit(bytes: Bytes): Promise<number> {
    const known = this.#versionOf(bytes);
    if (known !== undefined) return known;
    const { org, admission } = readAdmission(bytes, nodeChecker);
    if (!this.#config.orgs.includes(org))
      throw new PeerFault('wrong-organisation', 'an admission list of an organisation not served here');
    const held = this.#lists.get(org);
    if (held !== undefined && admission.version < held.admission.version) throw rolledBack();
    if (held !== undefined && admission.version === held.admission.version) {
      // Other signatures under the same content are fine, other content is not: two lists claim one version.
      if (!equal(encodeAdmission(admission), encodeAdmission(held.admission))) throw rolledBack();
      if (held.isOnDisk) return admission.version;
    }
    // A copy: the bytes are a view of a received frame. In force before it is on disk: a full disk must not keep
    // a revoked device inside.
    const next = inForce(admission, bytes.slice(), false);
    this.#lists.set(org, next);
    this.#config.onRevoked(org, (access) => next.access.has(access));
    await this.#config.store.putAdmission(org, admission.version, next.bytes);
    next.isOnDisk = true;
    return admission.version;
  }

  /** Its version, if this very list is in force and on disk. */
  #versionOf(bytes: Bytes): number | undefined {
    return [...this.#lists.values()].find((held) => held.isOnDisk && equal(held.bytes, bytes))?.admission.version;
  }

  /** `admit` for a socket that is not inside, with the work for all such sockets together bounded. */
  async admitFromStranger(bytes: Bytes): Promise<number> {
    // The list in force once more, as a whole organisation brings it at the same time, is no work to speak of.
    if (this.#versionOf(bytes) === undefined && this.#strangerLists.take(1, this.#config.now()) > 0)
      throw new Refused('rate', 'too many admission lists from strangers');
    return this.admit(bytes);
  }

  /** The entrance for one socket. */
  door(): Door {
    return new Door(this, this.#config);
  }
}

const rolledBack = () =>
  new PeerFault('rolled-back', 'a list that is older than the one in force, or another of the same version');

function inForce(admission: Admission, bytes: Bytes, isOnDisk: boolean): InForce {
  return { admission, bytes, access: new Set(admission.access), isOnDisk };
}

/** What the socket has to do after a frame. */
export interface Step {
  readonly frame: RelayFrame;
  readonly entrant?: Entrant;
  readonly isOver?: boolean;
}

type Place = { readonly at: 'hello' } | { readonly at: 'proof'; readonly nonce: Bytes; readonly version: number };

export class Door {
  readonly #gate: Gate;
  readonly #config: GateConfig;
  #place: Place = { at: 'hello' };
  #proofsLeft = 2; // one before, one after bringing the list that admits the device
  #listsLeft = 1;

  constructor(gate: Gate, config: GateConfig) {
    this.#gate = gate;
    this.#config = config;
  }

  /** One step for one frame of a socket that is not inside. Throws a Fault: tell and close. */
  async step(frame: ClientFrame): Promise<Step> {
    const place = this.#place;
    if (place.at === 'hello' && frame.type === 'hello') return this.#challenge(frame.versions);
    if (place.at === 'proof' && frame.type === 'proof' && this.#proofsLeft > 0) {
      this.#proofsLeft -= 1;
      return this.#check(place.nonce, place.version, frame);
    }
    if (place.at === 'proof' && frame.type === 'admit' && this.#listsLeft > 0) {
      this.#listsLeft -= 1;
      const version = await this.#gate.admitFromStranger(frame.list);
      return { frame: { type: 'admitted', ref: frame.ref, version } };
    }
    throw new PeerFault('wrong-order', `${frame.type} from a socket at ${place.at}`);
  }

  #challenge(offered: readonly number[]): Step {
    const version = pickVersion(offered);
    if (version === undefined) throw new Refused('unsupported-version', 'no version in common');
    const nonce = randomBytes(32);
    this.#place = { at: 'proof', nonce, version };
    return { frame: { type: 'challenge', version, nonce, store: this.#config.store.id, timeMs: this.#config.now() } };
  }

  #check(nonce: Bytes, version: number, proof: Entrant & { readonly signature: Bytes }): Step {
    const { org, access } = proof;
    const signed = accessProof(nonce, this.#config.pin, org, version);
    const isSigned = checkAccessProof(access, proof.signature, signed, nodeChecker);
    if (!isSigned || !this.#gate.isAdmitted({ org, access })) {
      const code = 'not-admitted';
      return { frame: { type: 'refused', code, text: refusalText(code) }, isOver: this.#proofsLeft === 0 };
    }
    this.#place = { at: 'hello' }; // a door is used once; the nonce goes with it
    return {
      frame: { type: 'welcome', admission: this.#gate.version(org), timeMs: this.#config.now() },
      entrant: { org, access },
    };
  }
}
