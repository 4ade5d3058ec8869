/** Up to three devices at one relay, from connecting to leaving: what they say, and what the judge looks at after it. */
import type { Session } from '../../server/session.ts';
import { accessProof } from '../../src/core/admission.ts';
import { type Bytes, hex } from '../../src/wire/bytes.ts';
import { decodeRelayFrame, encodeClientFrame, type RelayFrame } from '../../src/wire/frame.ts';
import { topicId } from '../../src/wire/id.ts';
import { type Cast, frameOf } from './cast.ts';
import { Conversation, type Ledger, readFrame, Wrong } from './judge.ts';
import { below, type Dice, mutate, pick } from './mutate.ts';
import { ListWire, type Target } from './target.ts';

export interface EpisodeParts {
  readonly target: Target;
  readonly ledger: Ledger;
  readonly cast: Cast;
  readonly dice: Dice;
  readonly pool: readonly Bytes[];
  passTime(ms: number): void;
  onOutcome(outcome: string, bytes: Bytes): void;
}

interface Client {
  readonly session: Session;
  readonly wire: ListWire;
  readonly talk: Conversation;
  readonly running: Promise<void>[];
  /** Asks and never reads. */
  readonly isAsleep: boolean;
}

const turnsAtMost = 20_000;
/** Three sockets with six topics each may be behind, and each has room for a few pages at once. */
const readsPerFrame = 64;

export class Episode {
  readonly #parts: EpisodeParts;
  readonly #clients: Client[] = [];
  readonly #log: (readonly [who: number, said: Bytes | string])[] = [];
  /** Work of sockets that others have taken the place of. */
  readonly #left: Promise<void>[] = [];
  /** Said so far; greetings and proofs that only lead further in are not counted. */
  frames = 0;
  #broken: unknown;

  constructor(parts: EpisodeParts) {
    this.#parts = parts;
  }

  /** Of several the first: what the judge says of the answer to it must not hide it. */
  broken(error: unknown): void {
    this.#broken ??= error;
  }

  /** The last frames and answers as text, for a failure. */
  lastSaid(count: number): readonly string[] {
    return this.#log
      .slice(-count)
      .map(([who, said]) =>
        typeof said === 'string' ? `device ${who} heard ${said}` : `device ${who} said ${hex(said)}`,
      );
  }

  async run(): Promise<void> {
    const { dice } = this.#parts;
    const count = 1 + below(dice, 3);
    for (let i = 0; i < count; i++) await this.#enter(i);
    const bursts = 2 + below(dice, 6);
    for (let i = 0; i < bursts; i++) await this.#burst();
    for (const { session } of this.#clients) this.#parts.target.disconnect(session);
    // Whoever left gets no answers; his appends may still be on their way to the disk.
    await this.#settle();
  }

  /** Somebody new at this place, as far in as chance wants. */
  async #enter(place: number): Promise<void> {
    const { target, cast, dice, ledger } = this.#parts;
    const before = this.#clients[place];
    if (before !== undefined) {
      this.#left.push(...before.running);
      target.disconnect(before.session);
    }
    const client = connect(target, ledger, dice.next() < 0.1);
    this.#clients[place] = client;
    const how = dice.next();
    if (how < 0.2) return;
    await this.#say(client, encodeClientFrame({ type: 'hello', versions: [1] }));
    if (how < 0.4 || client.talk.challenge === undefined) return;
    const device = dice.next() < 0.95 ? pick(dice, cast.devices.slice(0, 5)) : pick(dice, cast.devices);
    const { nonce, version } = client.talk.challenge;
    const signature = device.signAccess(accessProof(nonce, target.pin, cast.org.org, version));
    await this.#say(client, encodeClientFrame({ type: 'proof', org: cast.org.org, access: device.access, signature }));
  }

  async #burst(): Promise<void> {
    const { dice, passTime } = this.#parts;
    const place = below(dice, this.#clients.length);
    const isFlood = dice.next() < 0.02;
    const count = isFlood ? 300 : 1 + below(dice, 14);
    for (let i = 0; i < count; i++) {
      // Also backwards: a clock that is set must not lock anyone out nor let everyone loose.
      if (!isFlood) passTime(dice.next() < 0.002 ? -60_000 : below(dice, 8));
      const at = dice.next() < 0.8 ? place : below(dice, this.#clients.length);
      // What is said to a closed socket leads to nothing; that is tried as well, but not most of the time.
      if (this.#clients[at]?.talk.isOver === true && dice.next() < 0.9) await this.#enter(at);
      const client = this.#clients[at];
      this.frames += 1;
      if (client !== undefined) await this.#say(client, isFlood ? this.#wholeFrame() : this.#frame());
    }
    await this.#settle();
    for (const { talk } of this.#clients) talk.checkAnswered();
  }

  #wholeFrame(): Bytes {
    const { cast, dice } = this.#parts;
    for (;;) {
      const frame = frameOf(cast, dice);
      if (frame.type !== 'hello' && frame.type !== 'proof') return encodeClientFrame(frame);
    }
  }

  #frame(): Bytes {
    const { cast, dice, pool } = this.#parts;
    const whole = dice.next() < 0.5 ? encodeClientFrame(frameOf(cast, dice)) : pick(dice, pool);
    return dice.next() < 0.6 ? mutate(whole, dice, pick(dice, pool)) : whole;
  }

  /** One frame, and all that can be known before anything else happens. */
  async #say(client: Client, bytes: Bytes): Promise<void> {
    const { target, onOutcome } = this.#parts;
    const { talk, session, wire } = client;
    const place = this.#clients.indexOf(client);
    this.#log.push([place, bytes]);
    if (this.#log.length > 100) this.#log.splice(0, 50);
    const { frame, fault } = readFrame(bytes);
    const state = talk.isOver ? 'over' : talk.isInside ? 'inside' : talk.challenge === undefined ? 'new' : 'greeted';
    const before = target.storeCalls();
    talk.answers = [];
    if (frame !== undefined) talk.told(frame);
    client.running.push(this.#receive(session, bytes));
    // What a frame does at once it has done after a few steps of promises; a commit takes longer.
    for (let i = 0; i < 6; i++) await Promise.resolve();
    const calls = target.storeCalls();
    const [writes, reads] = [calls.writes - before.writes, calls.reads - before.reads];
    if (writes > 1) throw new Wrong(`one frame wrote to the store ${writes} times`);
    if (reads > readsPerFrame) throw new Wrong(`one frame read from the store ${reads} times`);
    if (state === 'over' && (writes > 0 || talk.answers.length > 0))
      throw new Wrong('a frame of a socket that is over was acted upon');
    const answers: readonly RelayFrame[] = talk.answers;
    for (const answer of answers) this.#log.push([place, answer.type]);
    if (fault !== undefined && state !== 'over') {
      const codes = answers.flatMap((each) => (each.type === 'refused' ? [each.code] : []));
      if (!wire.isClosed) throw new Wrong(`not closed after a frame that is none: ${fault}`);
      if (!wire.isCut && (codes.length !== 1 || (codes[0] !== 'malformed' && codes[0] !== 'too-large')))
        throw new Wrong(`a frame that is none was answered with ${codes.join(' ')}`);
    }
    if (wire.isClosed) talk.isOver = true;
    const last = answers.at(-1);
    const answer = last === undefined ? 'nothing yet' : last.type === 'refused' ? last.code : last.type;
    onOutcome(`${state}: ${frame?.type ?? fault ?? ''}: ${answer}`, bytes);
  }

  async #receive(session: Session, bytes: Bytes): Promise<void> {
    try {
      await session.receive(bytes);
    } catch (error) {
      this.broken(error);
    }
  }

  /** Until nothing is on its way: commits done, pages read, sockets empty. */
  async #settle(): Promise<void> {
    const sent = () => this.#clients.reduce((sum, { talk }) => sum + talk.sentBytes, 0);
    await bounded(Promise.all(this.#left.splice(0)));
    for (const { running } of this.#clients) await bounded(Promise.all(running.splice(0)));
    for (let turn = 0, quiet = 0; quiet < 3; turn++) {
      if (turn > turnsAtMost) throw new Wrong('the relay does not come to rest');
      const before = sent();
      for (const { wire, isAsleep } of this.#clients) if (!isAsleep) wire.take();
      await new Promise((resolve) => setImmediate(resolve));
      for (const { wire, talk } of this.#clients) if (wire.isClosed) talk.isOver = true;
      quiet = sent() === before ? quiet + 1 : 0;
    }
    if (this.#broken !== undefined) throw new Wrong(`the relay failed: ${describe(this.#broken)}`);
  }
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

function connect(target: Target, ledger: Ledger, isAsleep: boolean): Client {
  const talk = new Conversation(ledger);
  const wire: ListWire = new ListWire((bytes) => talk.heard(bytes));
  return { session: target.connect(wire), wire, talk, running: [], isAsleep };
}

async function bounded(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Wrong('a frame was not done with after 20 s')), 20_000);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Everything of these topics, as an honest device reads it. */
export async function readAll(
  target: Target,
  cast: Cast,
  topics: readonly string[],
): Promise<ReadonlyMap<string, readonly (readonly [number, Bytes])[]>> {
  const found = new Map<string, (readonly [number, Bytes])[]>();
  for (const topic of topics) {
    const items: (readonly [number, Bytes])[] = [];
    const told = { isLive: false };
    let challenge: Extract<RelayFrame, { type: 'challenge' }> | undefined;
    const wire: ListWire = new ListWire((bytes) => {
      const frame = decodeRelayFrame(bytes);
      if (frame.type === 'challenge') challenge = frame;
      if (frame.type === 'deliver') items.push(...frame.items.map(([offset, , each]) => [offset, each] as const));
      if (frame.type === 'live') told.isLive = true;
    });
    const session = target.connect(wire);
    await session.receive(encodeClientFrame({ type: 'hello', versions: [1] }));
    const [device] = cast.devices;
    if (challenge === undefined || device === undefined) throw new Wrong('a relay opened anew does not greet');
    const proof = accessProof(challenge.nonce, target.pin, cast.org.org, challenge.version);
    const { access } = device;
    const signature = device.signAccess(proof);
    await session.receive(encodeClientFrame({ type: 'proof', org: cast.org.org, access, signature }));
    await session.receive(encodeClientFrame({ type: 'tail', topic: topicId.parse(topic), from: 0 }));
    for (let turn = 0; !told.isLive; turn++) {
      if (wire.isClosed) throw new Wrong('a relay opened anew cuts who reads all it sends');
      if (turn > turnsAtMost) throw new Wrong('a relay opened anew does not come to the end of a topic');
      wire.take();
      await new Promise((resolve) => setImmediate(resolve));
    }
    target.disconnect(session);
    found.set(topic, items);
  }
  return found;
}
