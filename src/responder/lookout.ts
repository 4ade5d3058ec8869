/**
 * Holds what relays say for as long as the signatures in it are checked in another thread (decision 0016), and lets it go in
 * the order in which each relay said it. It never waits for a thread that is behind, slow or gone: then what is held goes
 * as it is, and the step checks the rest itself. What is held is bounded.
 */
import type { Check } from '../core/check.ts';
import { idOfEnvelope } from '../core/verify.ts';
import { type Ahead, type Looked, type Opened, openAhead } from '../engine/ahead.ts';
import { batchesOf } from '../engine/batch.ts';
import type { Event } from '../engine/event.ts';
import { hasSeen, spotOf } from '../engine/seen.ts';
import type { Spot, State } from '../engine/state.ts';
import type { Bytes } from '../wire/bytes.ts';
import type { RelayId } from '../wire/id.ts';
import type { Checker } from './checker.ts';
import type { Ports } from './port.ts';

/** What one relay says. */
export type RelayEvent = Extract<Event, { readonly relay: RelayId }>;

/** Fewer envelopes than this in a frame are checked in their step: that takes a millisecond, and somebody waits for them. */
const leastItems = 8;
/** Signatures asked for in one message. */
const jobBound = { items: 64, bytes: Number.POSITIVE_INFINITY };
/** Beyond this the oldest goes as it is: what is held lies in memory, and opened. */
const maxHeldBytes = 4 * 1024 * 1024;
const maxHeld = 256;
/** The longest anything is the first of what is held. */
const maxHeldMs = 1_000;
/** The thread ends when it was not asked for so long: it has some ten megabytes. */
const idleMs = 10_000;

/** What comes of an envelope; the answer is filled in when it is there. */
interface Look extends Ahead {
  passed?: Check;
  isDone: boolean;
}
type Asked = Look & { readonly opened: Opened };

interface Held {
  readonly event: RelayEvent;
  readonly looks: ReadonlyMap<Bytes, Look>;
  /** Those made for this one; others were made for what another relay brought before. */
  readonly made: ReadonlySet<Spot>;
  readonly bytes: number;
  /** The last that was asked of the thread for it; 0 is nothing. */
  readonly job: number;
}

interface Uses {
  state(): State;
  /** Goes on with an event, and with what was seen of it. */
  release(event: RelayEvent, ahead: Looked): void;
}

export class Lookout {
  readonly #ports: Pick<Ports, 'now' | 'setTimer' | 'checker'>;
  readonly #uses: Uses;
  #checker: Checker | undefined;
  /** A thread that ended by itself is not begun again: something on this machine does not let it live. */
  #isBlind: boolean;
  #held: readonly Held[] = [];
  #heldBytes = 0;
  /** Of what is held: what three relays bring is opened and checked once. */
  readonly #looks = new Map<Spot, Look>();
  #first: Held | undefined;
  #cancelWait: (() => void) | undefined;
  #cancelIdle: (() => void) | undefined;

  constructor(ports: Pick<Ports, 'now' | 'setTimer' | 'checker'>, uses: Uses) {
    this.#ports = ports;
    this.#uses = uses;
    this.#isBlind = ports.checker === undefined;
  }

  /** Lets it go at once if nothing of it is to be checked and nothing of this relay is held; else when its turn comes. */
  take(event: RelayEvent): void {
    const held = this.#look(event);
    this.#held = [...this.#held, held];
    this.#heldBytes += held.bytes;
    this.#flow();
  }

  /** What this relay said is lost and will be said again; that its link went down is still true. */
  drop(relay: RelayId): void {
    const isKept = ({ event }: Held) => event.relay !== relay || event.type === 'link-down';
    for (const held of this.#held) if (!isKept(held)) this.#forget(held);
    this.#held = this.#held.filter(isKept);
    this.#flow();
  }

  /** Forgets what is held, and ends the thread. */
  close(): void {
    this.#isBlind = true;
    this.#held = [];
    this.#looks.clear();
    this.#cancelWait?.();
    this.#endThread();
  }

  /** In order, what is ready; the first also if it is `late`, or too much is held. */
  #flow(late = false): void {
    const behind = new Set<RelayId>();
    const left: Held[] = [];
    for (const held of this.#held) {
      const { relay } = held.event;
      const isTooMuch = this.#heldBytes > maxHeldBytes || this.#held.length > maxHeld;
      const mustGo = left.length === 0 && (late || isTooMuch);
      if (!behind.has(relay) && (mustGo || isReady(held))) {
        this.#forget(held);
        this.#uses.release(held.event, held.looks);
      } else {
        behind.add(relay);
        left.push(held);
      }
    }
    this.#held = left;
    this.#tend();
  }

  #forget({ made, bytes, job }: Held): void {
    for (const spot of made) this.#looks.delete(spot);
    this.#heldBytes -= bytes;
    this.#checker?.skip(job);
  }

  #tend(): void {
    const [first] = this.#held;
    if (first !== this.#first) {
      this.#cancelWait?.();
      this.#cancelWait = first && this.#ports.setTimer(maxHeldMs, () => this.#flow(true));
    }
    this.#first = first;
    if (first !== undefined) {
      this.#cancelIdle?.();
      this.#cancelIdle = undefined;
    } else if (this.#checker !== undefined) this.#cancelIdle ??= this.#ports.setTimer(idleMs, () => this.#endThread());
  }

  #endThread(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
    this.#checker?.end();
    this.#checker = undefined;
  }

  #look(event: RelayEvent): Held {
    const nothing = { event, looks: noLooks, made: noSpots, bytes: 0, job: 0 };
    if (event.type !== 'frame' || event.frame.type !== 'deliver') return nothing;
    const { topic, items } = event.frame;
    const bytes = items.reduce((sum, [, , envelope]) => sum + envelope.length, 0);
    const state = this.#uses.state();
    if (this.#isBlind || items.length < leastItems || !state.topics.has(topic)) return { ...nothing, bytes };
    const looks = new Map<Bytes, Look>();
    const made = new Set<Spot>();
    const asked: Asked[] = [];
    for (const [, , envelope] of items) {
      const id = idOfEnvelope(envelope);
      const spot = spotOf(topic, id);
      const known = this.#looks.get(spot);
      const opened =
        known !== undefined || hasSeen(state.seen, spot)
          ? undefined
          : openAhead(state, topic, envelope, this.#ports.now());
      if (opened === undefined) looks.set(envelope, known ?? { id, isDone: true });
      else {
        const look: Asked = { id, opened, isDone: false };
        looks.set(envelope, look);
        this.#looks.set(spot, look);
        made.add(spot);
        asked.push(look);
      }
    }
    let job = 0;
    for (const batch of batchesOf(asked, () => 0, jobBound)) job = this.#ask(batch);
    return { event, looks, made, bytes, job };
  }

  #ask(looks: readonly Asked[]): number {
    this.#checker ??= this.#ports.checker?.(() => this.#blind());
    const checks = looks.map(({ opened }) => opened.check);
    const answer = (verdicts: Bytes) => {
      for (const [i, look] of looks.entries()) {
        if (verdicts[i] === 1) look.passed = look.opened.check;
        look.isDone = true;
      }
      this.#flow();
    };
    return this.#checker?.check(checks, answer) ?? 0;
  }

  /** The thread is gone: from here on every step checks for itself. */
  #blind(): void {
    this.#isBlind = true;
    this.#checker = undefined;
    this.#flow(true);
  }
}

const noLooks: ReadonlyMap<Bytes, Look> = new Map();
const noSpots: ReadonlySet<Spot> = new Set();

function isReady({ looks }: Held): boolean {
  for (const { isDone } of looks.values()) if (!isDone) return false;
  return true;
}
