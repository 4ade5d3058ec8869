/**
 * Passphrase to key by Argon2id (RFC 9106), in a thread that ends with the last key asked of it: libsodium's larger
 * build never gives its memory back, and a window must not freeze meanwhile.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { Secret } from '../core/secret.ts';
import { fromHex, utf8 } from '../wire/bytes.ts';
import { Broken } from '../wire/fault.ts';

export interface StretchCost {
  readonly passes: number;
  readonly memoryBytes: number;
}

/** What an unhurried laptop does in about a second. */
export const usualCost: StretchCost = { passes: 3, memoryBytes: 256 * 1024 * 1024 };
/** The least a vault may be made with or opened with: a lower one in the file is an attack on the passphrase. */
export const leastCost: StretchCost = { passes: 2, memoryBytes: 64 * 1024 * 1024 };
/** The most a file may ask for, so that opening a planted one cannot exhaust the machine. */
export const mostCost: StretchCost = { passes: 16, memoryBytes: 1024 * 1024 * 1024 };

// A text rather than a file: a worker file would have another path in source, build and package.
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const sodium = require(workerData.library);
parentPort.on('message', ({ id, passphrase, salt, passes, memoryBytes }) => {
  sodium.ready.then(() => {
    const key = sodium.crypto_pwhash(32, passphrase, salt, passes, memoryBytes, sodium.crypto_pwhash_ALG_ARGON2ID13);
    parentPort.postMessage({ id, key: sodium.to_hex(key) });
  }).catch(() => parentPort.postMessage({ id, key: '' }));
});
`;

interface Waiting {
  resolve(key: Secret<'vault'>): void;
  reject(fault: unknown): void;
}

const failed = (cause?: unknown) =>
  new Broken('broken', 'The passphrase could not be processed: this machine may be short of memory.', { cause });

/** One thread for what is asked at the same time; it ends with the last answer. */
class Stretcher {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onEnd: () => void;
  #ids = 0;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    const library = createRequire(import.meta.url).resolve('libsodium-wrappers-sumo');
    this.#worker = new Worker(program, { eval: true, workerData: { library } });
    this.#worker.on('message', ({ id, key }: { readonly id: number; readonly key: string }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (key === '') waiting?.reject(failed());
      else waiting?.resolve(new Secret('vault', fromHex(key)));
      if (this.#waiting.size === 0) this.#end();
    });
    this.#worker.once('error', (cause) => this.#end(cause));
  }

  ask(request: object): Promise<Secret<'vault'>> {
    this.#ids += 1;
    const id = this.#ids;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  #end(cause?: unknown): void {
    this.#onEnd();
    for (const waiting of this.#waiting.values()) waiting.reject(failed(cause));
    this.#waiting.clear();
    void this.#worker.terminate();
  }
}

let stretcher: Stretcher | undefined;

/** `salt`: 16 bytes. Throws `Broken('broken')` when the machine has not the memory. */
export function stretch(passphrase: string, salt: Uint8Array, cost: StretchCost): Promise<Secret<'vault'>> {
  stretcher ??= new Stretcher(() => {
    stretcher = undefined;
  });
  return stretcher.ask({ passphrase: utf8(passphrase.normalize('NFC')), salt, ...cost });
}
