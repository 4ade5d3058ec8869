/**
 * The thread of the store: starts it and speaks with it. The database is loaded in the thread alone (work.ts): it and its
 * driver are half of a start.
 *
 * It must never be ended from outside while the database works: that would take the whole process down.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import { Broken, Refused } from '../src/wire/fault.ts';
import type { Answer, CallName, Calls, Question } from './message.ts';

/** Starts work.ts, in the relay that is one file (scripts/relayHead.mjs). */
declare const MUSTER_WORK: () => Worker;
const isBundle = typeof MUSTER_WORK === 'function';
const isSource = !isBundle && import.meta.url.endsWith('.ts');

let booted: Worker | undefined;
const boot = (): Worker => (isBundle ? MUSTER_WORK() : new Worker(new URL('./work.js', import.meta.url)));

/**
 * Begins to start the thread of a store that is opened soon: it takes as long as all that comes before, beside it. A
 * program that opens none after all may end.
 */
export function bootThread(): void {
  if (isSource || booted !== undefined) return;
  const worker = boot();
  worker.unref();
  // Whoever opens a store starts another one then, and hears what is wrong.
  worker.once('error', () => undefined);
  worker.once('exit', () => {
    if (booted === worker) booted = undefined;
  });
  booted = worker;
}

interface Pending {
  resolve(value: unknown): void;
  reject(fault: Error): void;
}

export class StoreThread {
  readonly #post: (question: Question, transfer: readonly ArrayBuffer[]) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #onEnd: (cause: unknown) => void;
  #ids = 0;
  #isOver = false;

  /** `onEnd`: the thread ended and nobody had asked it to. */
  constructor(onEnd: (cause: unknown) => void) {
    this.#onEnd = onEnd;
    if (isSource) {
      // From source, as in tests: Node 20 cannot load TypeScript in a thread, so the same code serves in this one.
      const { port1, port2 } = new MessageChannel();
      void import('./serve.ts').then(({ serve }) => serve(port2));
      port1.on('message', (answer: Answer) => this.#take(answer));
      this.#post = (question, transfer) => port1.postMessage(question, transfer);
      return;
    }
    const worker = booted ?? boot();
    booted = undefined;
    worker.ref();
    worker.on('message', (answer: Answer) => this.#take(answer));
    worker.once('error', (cause) => this.#end(cause));
    worker.once('exit', () => this.#end(undefined));
    this.#post = (question, transfer) => worker.postMessage(question, transfer);
  }

  /** Answers come in the order of the questions. Rejects with `Refused` (disk, unsupported-version) or `Broken`. */
  ask<C extends CallName>(
    call: C,
    args: Parameters<Calls[C]>,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<ReturnType<Calls[C]>> {
    if (this.#isOver) return Promise.reject(stopped());
    this.#ids += 1;
    const id = this.#ids;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#post({ id, call, args }, transfer);
    });
  }

  #take({ id, value, failure }: Answer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (failure === undefined) pending?.resolve(value);
    else if (failure.code === 'disk' || failure.code === 'unsupported-version')
      pending?.reject(new Refused(failure.code, failure.text));
    else pending?.reject(new Broken(failure.code, failure.text));
  }

  #end(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { reject } of this.#pending.values()) reject(stopped(cause));
    this.#pending.clear();
    this.#onEnd(cause);
  }
}

/** In a thread of its own: it takes as long as the file is large, and commits must not wait for it. */
export async function backUp(source: string, path: string): Promise<void> {
  const thread = new StoreThread(() => undefined);
  try {
    await thread.ask('backup', [source, path]);
  } finally {
    await thread.ask('close', []).catch(() => undefined);
  }
}

const stopped = (cause?: unknown) => new Broken('broken', 'the store stopped', { cause });
