/**
 * The thread of the store: starts it, and is what runs in it. One file does both, so that a bundle of one file can
 * start itself as the thread.
 *
 * It must never be ended from outside while the database works: that would take the whole process down.
 */
import { isMainThread, MessageChannel, parentPort, Worker, workerData } from 'node:worker_threads';
import { Broken, Refused } from '../src/wire/fault.ts';
import { copyTo } from './copy.ts';
import { TopicDatabase } from './database.ts';
import { isDamage, textOf } from './driver.ts';
import type { Answer, CallName, Calls, Question, StoreJob } from './message.ts';

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
  constructor(job: StoreJob, onEnd: (cause: unknown) => void) {
    this.#onEnd = onEnd;
    if (import.meta.url.endsWith('.ts')) {
      // From source, as in tests: Node 20 cannot load TypeScript in a thread, so the same code serves in this one.
      const { port1, port2 } = new MessageChannel();
      serve(job, port2);
      port1.on('message', (answer: Answer) => this.#take(answer));
      this.#post = (question, transfer) => port1.postMessage(question, transfer);
      return;
    }
    const worker = new Worker(new URL(import.meta.url), { workerData: job });
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
export async function backUp(job: StoreJob, path: string): Promise<void> {
  const thread = new StoreThread(job, () => undefined);
  try {
    await thread.ask('backup', [path]);
  } finally {
    await thread.ask('close', []).catch(() => undefined);
  }
}

const stopped = (cause?: unknown) => new Broken('broken', 'the store stopped', { cause });

interface Port {
  on(event: 'message', take: (question: Question) => void): unknown;
  postMessage(answer: Answer, transfer?: readonly ArrayBuffer[]): void;
  close(): void;
}

/** Answers questions until `close`. */
function serve(job: StoreJob, port: Port): void {
  let database: TopicDatabase | undefined;
  const answer = ({ call, args }: Question): unknown => {
    if (call === 'open') {
      database = new TopicDatabase(job);
      return database.opened;
    }
    if (call === 'backup') return Reflect.apply(copyTo, undefined, [job.path, ...args]);
    if (database === undefined && call === 'close') return undefined;
    if (database === undefined) throw new Broken('broken', 'the store is not open');
    const method: (...args: never[]) => unknown = database[call];
    return Reflect.apply(method, database, args);
  };
  port.on('message', (question) => {
    try {
      const value = answer(question);
      port.postMessage({ id: question.id, value }, buffersOf(question.call, value));
    } catch (error) {
      port.postMessage({ id: question.id, failure: failureOf(error) });
    }
    if (question.call === 'close') port.close(); // and with it the thread ends, or the channel
    if (question.call !== 'batch') return;
    try {
      database?.rest();
    } catch {
      // The next commit meets the same trouble and says so.
    }
  });
}

/** What is large goes over without a copy. */
function buffersOf(call: CallName, value: unknown): ArrayBuffer[] {
  const isPage = call === 'read' && typeof value === 'object' && value !== null && 'bytes' in value;
  return isPage && value.bytes instanceof Uint8Array && value.bytes.buffer instanceof ArrayBuffer
    ? [value.bytes.buffer]
    : [];
}

function failureOf(error: unknown): NonNullable<Answer['failure']> {
  const text = textOf(error);
  if (error instanceof Refused && error.code === 'unsupported-version') return { code: error.code, text };
  if (isDamage(error)) return { code: 'corrupt', text };
  return { code: /sqlite|ENOSPC|EROFS|EIO/i.test(text) ? 'disk' : 'broken', text };
}

function isJob(value: unknown): value is StoreJob {
  return typeof value === 'object' && value !== null && 'musterStore' in value;
}
if (!isMainThread && parentPort !== null && isJob(workerData)) serve(workerData, parentPort);
