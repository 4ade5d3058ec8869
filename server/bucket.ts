/**
 * A token bucket: so much per second on average, so much at once. Pure; the caller brings the time. What is larger
 * than the bucket passes when it is full and leaves a debt, so that nothing lawful is refused for ever.
 */
export class Bucket {
  readonly #perSecond: number;
  readonly #atOnce: number;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, atOnce: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#atOnce = atOnce;
    this.#left = atOnce;
    this.#atMs = nowMs;
  }

  /** Takes `amount` and answers 0, or takes nothing and answers the milliseconds after which it may work. */
  take(amount: number, nowMs: number): number {
    // A clock set back must not freeze a device out until it has caught up.
    const elapsedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    this.#left = Math.min(this.#atOnce, this.#left + (elapsedMs * this.#perSecond) / 1000);
    const missing = Math.min(amount, this.#atOnce) - this.#left;
    if (missing > 0) return Math.ceil((missing * 1000) / this.#perSecond);
    this.#left -= amount;
    return 0;
  }
}
