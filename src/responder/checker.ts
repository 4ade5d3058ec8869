/**
 * Signatures checked in a thread beside this one, by the same library: two libraries would one day disagree on what is a
 * signature. Only what is public goes there, copied out of whatever it came in: a view handed over would take along all
 * that lies around it.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Check } from '../core/check.ts';
import { type Bytes, concat } from '../wire/bytes.ts';

export interface Checker {
  /**
   * Begins with these once those before are done. `answer`: one for each in order, 1 where the signature holds; fewer if the
   * rest was not needed any more. Never called once the thread has ended. Gives a number to tell `skip` by.
   */
  check(checks: readonly Check[], answer: (verdicts: Bytes) => void): number;
  /** What was asked up to this number is not needed any more. */
  skip(job: number): void;
  /** Ends the thread. `onEnd` is not called. */
  end(): void;
}

/** `onEnd`: the thread ended by itself, and nothing that was asked will be answered. */
export type MakeChecker = (onEnd: () => void) => Checker;

// A text rather than a file: a worker file would have another path in source, build and package.
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const sodium = require(workerData.library);
function holds(publicKey, signature, text) {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return sodium.crypto_sign_verify_detached(signature, text, publicKey);
  } catch {
    return false;
  }
}
sodium.ready.then(() => {
  parentPort.on('message', ({ job, packed, sizes }) => {
    const verdicts = [];
    let at = 0;
    const next = (size) => packed.subarray(at, (at += size));
    for (const [key, signature, text] of sizes) {
      if (Atomics.load(workerData.skipped, 0) >= job) break;
      verdicts.push(holds(next(key), next(signature), next(text)) ? 1 : 0);
    }
    parentPort.postMessage({ job, verdicts: Uint8Array.from(verdicts) });
  });
});
`;

export const makeChecker: MakeChecker = (onEnd) => {
  const library = createRequire(import.meta.url).resolve('libsodium-wrappers');
  const skipped = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(program, { eval: true, workerData: { library, skipped } });
  worker.unref(); // it holds up nobody who wants to end
  const answers = new Map<number, (verdicts: Bytes) => void>();
  let jobs = 0;
  let isOver = false;
  worker.on('message', ({ job, verdicts }: { readonly job: number; readonly verdicts: Bytes }) => {
    const answer = answers.get(job);
    answers.delete(job);
    answer?.(verdicts);
  });
  const ended = () => {
    answers.clear();
    if (!isOver) onEnd();
    isOver = true;
  };
  worker.once('error', ended);
  worker.once('exit', ended);
  return {
    check(checks, answer) {
      jobs += 1;
      answers.set(jobs, answer);
      const sizes = checks.map(({ publicKey, signature, text }) => [publicKey.length, signature.length, text.length]);
      worker.postMessage({ job: jobs, packed: pack(checks), sizes });
      return jobs;
    },
    skip(job) {
      Atomics.store(skipped, 0, job);
    },
    end() {
      isOver = true;
      answers.clear();
      void worker.terminate();
    },
  };
};

function pack(checks: readonly Check[]): Bytes {
  const parts = checks.flatMap(({ publicKey, signature, text }) => [publicKey, signature, text]);
  return concat(...parts);
}
