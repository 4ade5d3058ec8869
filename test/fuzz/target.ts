/**
 * What is fuzzed: the relay's own gate, hub, sessions and SQLite store, with a socket that is a list. The clock is
 * the run's, so that rates and ages are met within seconds.
 *
 * It must never do anything in the place of the relay: whatever a frame leads to is the relay's own code.
 */
import { join } from 'node:path';
import { Gate } from '../../server/gate.ts';
import { Hub } from '../../server/hub.ts';
import { type RelayLimits, relayLimits } from '../../server/limit.ts';
import { quietMeter } from '../../server/meter.ts';
import { Session, type SessionParts, type Usage, usage, type Wire } from '../../server/session.ts';
import type { Store } from '../../server/storage.ts';
import { openStore } from '../../server/store.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import type { AccessKey, OrgId, RelayId } from '../../src/wire/id.ts';
import { limit } from '../../src/wire/limit.ts';

/** Small enough that a few frames meet each of them. */
export const tightLimits: RelayLimits = {
  ...relayLimits,
  strangerListsPerSecond: 20,
  framesPerSecond: 400,
  framesAtOnce: 600,
  envelopesPerSecond: 2000,
  envelopesAtOnce: 4000,
  bytesPerSecond: 1024 * 1024,
  bytesAtOnce: 4 * 1024 * 1024,
  topicsPerConnection: 6,
  pendingBytes: 512 * 1024,
  pageBytes: 32 * 1024,
  outgoingBytes: 40 * 1024,
  // One envelope of the largest size on top of that is no reason to cut who reads.
  outgoingCutBytes: 40 * 1024 + 2 * limit.envelopeBytes,
  orgBytes: 12 * 1024 * 1024,
};

/** A socket that keeps what it was given until `take`. */
export class ListWire implements Wire {
  readonly address = undefined;
  readonly heardBytes = 0;
  waitingBytes = 0;
  isClosed = false;
  /** Without a word: it did not read. */
  isCut = false;
  #waiting: { readonly bytes: number; readonly onTaken: () => void }[] = [];
  readonly #onSent: (bytes: Bytes) => void;

  constructor(onSent: (bytes: Bytes) => void) {
    this.#onSent = onSent;
  }

  send(bytes: Bytes, onTaken: () => void): void {
    if (this.waitingBytes > tightLimits.outgoingCutBytes)
      throw new Error(`the relay goes on sending while ${this.waitingBytes} bytes wait`);
    this.waitingBytes += bytes.length;
    this.#waiting.push({ bytes: bytes.length, onTaken });
    this.#onSent(bytes);
  }

  close(): void {
    this.isClosed = true;
  }

  cut(): void {
    this.isClosed = true;
    this.isCut = true;
  }

  /** The network takes everything there is. Answers whether there was anything. */
  take(): boolean {
    const taken = this.#waiting;
    this.#waiting = [];
    this.waitingBytes = 0;
    for (const { onTaken } of taken) onTaken();
    return taken.length > 0;
  }
}

export interface StoreCalls {
  readonly reads: number;
  /** Appends and lists. */
  readonly writes: number;
}

export interface Target {
  readonly pin: RelayId;
  /** Calls of the store so far. */
  storeCalls(): StoreCalls;
  connect(wire: Wire): Session;
  disconnect(session: Session): void;
  close(): Promise<void>;
}

export interface TargetOptions {
  readonly dataDir: string;
  readonly pin: RelayId;
  readonly org: OrgId;
  readonly admission: Bytes;
  readonly limits: RelayLimits;
  now(): number;
  /** Errors that are the relay's own, `broken` in its log. */
  onBroken(error: unknown): void;
}

export async function openTarget(options: TargetOptions): Promise<Target> {
  const { pin, limits } = options;
  const orgs = [options.org];
  const now = () => options.now();
  const store = counted(await openStore(join(options.dataDir, 'relay.db'), limits, { meter: quietMeter, now }));
  const sessions = new Set<Session>();
  const usages = new Map<AccessKey, Usage>();
  const onRevoked = (org: OrgId, isAdmitted: (access: AccessKey) => boolean): void => {
    for (const session of [...sessions]) {
      const { entrant } = session;
      if (entrant !== undefined && entrant.org === org && !isAdmitted(entrant.access)) session.end('not-admitted');
    }
  };
  const gate = new Gate({ pin, orgs, store: store.store, limits, now, onRevoked });
  await gate.load();
  // As at a real start: the list given is passed over when a newer one is kept.
  if (gate.version(options.org) === 0) await gate.admit(options.admission);
  const parts: SessionParts = {
    gate,
    hub: new Hub(store.store, limits),
    store: store.store,
    limits,
    now,
    onEnter(_session, { access }) {
      const known = usages.get(access) ?? usage(limits, now());
      usages.set(access, known);
      return known;
    },
    onRefused(code, error) {
      if (code === 'broken') options.onBroken(error);
    },
  };
  return {
    pin,
    storeCalls: store.calls,
    connect(wire) {
      const session = new Session(parts, wire);
      sessions.add(session);
      return session;
    },
    disconnect(session) {
      session.gone();
      sessions.delete(session);
    },
    close: () => store.store.close(),
  };
}

/** The same store, with its calls counted. */
function counted(store: Store): { readonly store: Store; calls(): StoreCalls } {
  let [reads, writes] = [0, 0];
  const proxy = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (name === 'read') reads += 1;
        if (name === 'append' || name === 'putAdmission') writes += 1;
        return Reflect.apply(value, target, args);
      };
    },
  });
  return { store: proxy, calls: () => ({ reads, writes }) };
}
