/**
 * The run: eras of one relay each, in them episodes of up to three devices, in them bursts of frames, most of them
 * spoilt. After every frame and every burst the judge looks; after every era the relay is opened anew and asked for
 * everything that it acknowledged, and its objects are counted.
 *
 * An episode depends on seed and number alone, so that a failure can be run again without what came before it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryObjects } from 'node:v8';
import { Bucket } from '../../server/bucket.ts';
import { Listener } from '../../server/hub.ts';
import { Session } from '../../server/session.ts';
import { type Bytes, fromHex, hex } from '../../src/wire/bytes.ts';
import { seeded } from '../kit/random.ts';
import { type Cast, firstFrames, makeCast } from './cast.ts';
import { Episode, readAll } from './episode.ts';
import { Ledger, Wrong } from './judge.ts';
import { openTarget, type Target, tightLimits } from './target.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** At least so many frames. */
  readonly frames: number;
  /** Ends earlier, with what there is. */
  readonly minutes?: number;
  /** Only this one, to see a failure again. */
  readonly episode?: number;
  readonly corpus: readonly Bytes[];
  say?(text: string): void;
}
export interface FuzzResult {
  readonly frames: number;
  readonly episodes: number;
  readonly acknowledged: number;
  /** How often each thing happened: what was said to whom and what the relay answered. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Frames that led to something no frame of the corpus had led to, shortest first seen. */
  readonly fresh: ReadonlyMap<string, Bytes>;
  readonly failure?: string;
}

const eraFrames = 25_000;
const poolFrames = 3000;

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const cast = await makeCast();
  const run = new Run(cast, options);
  try {
    await run.all();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ...run.result(), failure: run.tell(error) };
  }
  return run.result();
}

class Run {
  readonly #cast: Cast;
  readonly #options: FuzzOptions;
  readonly #pool: Bytes[];
  readonly #outcomes = new Map<string, number>();
  readonly #fresh = new Map<string, Bytes>();
  readonly #endMs: number;
  #frames = 0;
  #episodes = 0;
  #acknowledged = 0;
  #episode: Episode | undefined;
  #setsBefore: number | undefined;
  #timeMs = 1_750_000_000_000;

  constructor(cast: Cast, options: FuzzOptions) {
    this.#cast = cast;
    this.#options = options;
    this.#pool = [...firstFrames(cast), ...options.corpus];
    this.#endMs = performance.now() + (options.minutes ?? 600) * 60_000;
  }

  result(): FuzzResult {
    const { frames, episodes, acknowledged } = {
      frames: this.#frames,
      episodes: this.#episodes,
      acknowledged: this.#acknowledged,
    };
    return { frames, episodes, acknowledged, outcomes: this.#outcomes, fresh: this.#fresh };
  }

  tell(error: Wrong): string {
    const episode = this.#episode;
    const last = (episode?.lastSaid(12) ?? []).map((line) => `  ${line.slice(0, 4000)}`);
    return [
      `${error.message}`,
      `seed ${this.#options.seed}, episode ${this.#episodes}; its last frames:`,
      ...last,
      `again: npm run fuzz -- --seed ${this.#options.seed} --episode ${this.#episodes}`,
    ].join('\n');
  }

  get #isDone(): boolean {
    return this.#frames >= this.#options.frames || performance.now() > this.#endMs;
  }

  async all(): Promise<void> {
    const { episode } = this.#options;
    if (episode !== undefined) {
      this.#episodes = episode - 1;
      await this.#era(0, () => this.#episodes >= episode);
      return;
    }
    for (let era = 0; !this.#isDone; era++) {
      const upTo = this.#frames + eraFrames;
      await this.#era(era, () => this.#frames >= upTo || this.#isDone);
      this.#options.say?.(
        `${this.#frames} frames, ${this.#acknowledged} envelopes acknowledged, ${this.#outcomes.size} outcomes`,
      );
    }
  }

  /** One relay with an empty store, from its opening to the last check of what it kept. */
  async #era(era: number, isOver: () => boolean): Promise<void> {
    const dataDir = mkdtempSync(join(tmpdir(), 'muster-fuzz-'));
    // Every third relay is so small that it drops old envelopes all the time.
    const mayForget = era % 3 === 2;
    const ledger = new Ledger(mayForget);
    const open = () => this.#open(dataDir, mayForget);
    let target = await open();
    try {
      while (!isOver()) await this.#runEpisode(target, ledger);
      this.#acknowledged += ledger.acknowledgedCount;
      await target.close();
      this.#checkObjects();
      target = await open();
      const read = await readAll(target, this.#cast, ledger.topics());
      for (const [topic, items] of read) ledger.checkTopic(topic, items);
    } finally {
      await target.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }

  #open(dataDir: string, mayForget: boolean): Promise<Target> {
    return openTarget({
      dataDir,
      pin: this.#cast.pin,
      org: this.#cast.org.org,
      admission: this.#cast.firstList,
      limits: mayForget ? { ...tightLimits, topicBytes: 100_000 } : tightLimits,
      now: () => this.#timeMs,
      onBroken: (error) => this.#episode?.broken(error),
    });
  }

  async #runEpisode(target: Target, ledger: Ledger): Promise<void> {
    this.#episodes += 1;
    const dice = seeded(Math.imul(this.#options.seed, 0x9e3779b1) ^ this.#episodes);
    const episode = new Episode({
      target,
      ledger,
      cast: this.#cast,
      dice,
      pool: this.#pool,
      passTime: (ms) => {
        this.#timeMs += ms;
      },
      onOutcome: (outcome, bytes) => this.#note(outcome, bytes),
    });
    this.#episode = episode;
    try {
      await episode.run();
    } finally {
      this.#frames += episode.frames;
    }
  }

  /** A frame that did something new is worth spoiling again. */
  #note(outcome: string, bytes: Bytes): void {
    const count = this.#outcomes.get(outcome) ?? 0;
    this.#outcomes.set(outcome, count + 1);
    if (count > 0) return;
    this.#fresh.set(outcome, bytes.slice());
    if (this.#pool.length < poolFrames && bytes.length < 5000) this.#pool.push(bytes.slice());
  }

  /** Everyone has left and the relay is closed: nothing of them may be left but what devices used up. */
  #checkObjects(): void {
    this.#episode = undefined;
    const alive = { sessions: queryObjects(Session), listeners: queryObjects(Listener), buckets: queryObjects(Bucket) };
    const sets = Number(queryObjects(Set));
    // Some frames of this very call are still on the stack; a leak has one for each of some hundred episodes.
    for (const [what, count] of Object.entries(alive))
      if (Number(count) > 60) throw new Wrong(`${count} ${what} are still in memory after everyone left`);
    this.#setsBefore ??= sets;
    if (sets > this.#setsBefore + 200) throw new Wrong(`there were ${this.#setsBefore} sets in memory, now ${sets}`);
  }
}

/** A corpus as it is kept: `what it led to`, a tab, hexadecimal. */
export const writeCorpus = (frames: ReadonlyMap<string, Bytes>): string =>
  [...frames].map(([outcome, bytes]) => `${outcome}\t${hex(bytes)}\n`).join('');

export const readCorpus = (text: string): ReadonlyMap<string, Bytes> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [outcome, digits] = line.split('\t');
      return outcome === undefined || digits === undefined ? [] : [[outcome, fromHex(digits)] as const];
    }),
  );
