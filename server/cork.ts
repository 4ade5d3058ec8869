/**
 * Holds back what a socket writes until the end of the step that writes it, so that many frames leave in one write.
 * It must never hold anything longer: a frame that waits for the next one is late.
 */
export interface Corkable {
  cork(): void;
  uncork(): void;
}

export class Corks {
  readonly #held = new Set<Corkable>();

  hold(stream: Corkable): void {
    if (this.#held.has(stream)) return;
    if (this.#held.size === 0) process.nextTick(() => this.#release());
    this.#held.add(stream);
    stream.cork();
  }

  #release(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const stream of held) stream.uncork();
  }
}
