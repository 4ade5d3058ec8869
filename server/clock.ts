/**
 * The time stamped on envelopes: the machine's, but never backwards, and with an eye on its jumps. A jump is told and
 * refused to nobody: envelopes matter more than their times.
 */

/** Beyond this a difference is a jump and no correction. */
const jumpMs = 3_600_000;

export class StampClock {
  readonly #now: () => number;
  #newestMs: number;
  #aheadMs: number;

  /** `newestMs`: time of the newest envelope kept. */
  constructor(now: () => number, newestMs: number) {
    this.#now = now;
    this.#newestMs = newestMs;
    this.#aheadMs = now() - performance.now();
  }

  /** Milliseconds since 1970, at least as late as the stamp before. */
  stamp(): number {
    this.#newestMs = Math.max(this.#newestMs, this.#now());
    return this.#newestMs;
  }

  get notice(): string | undefined {
    const nowMs = this.#now();
    if (this.#newestMs - nowMs > jumpMs)
      return `the clock is ${hours(this.#newestMs - nowMs)} behind the newest envelope kept; envelopes get that time until it has caught up`;
    const jumpedMs = nowMs - performance.now() - this.#aheadMs;
    if (Math.abs(jumpedMs) > jumpMs)
      return `the clock jumped by ${hours(jumpedMs)} while the relay ran; nothing is dropped for its age until a restart`;
    return undefined;
  }
}

const hours = (ms: number): string => `${Math.round(ms / 3_600_000)} hours`;
