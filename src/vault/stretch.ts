/**
 * Passphrase to key by Argon2id (RFC 9106), in a thread that lives for this one computation: libsodium's larger
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
sodium.ready.then(() => {
  const { passphrase, salt, passes, memoryBytes } = workerData;
  const key = sodium.crypto_pwhash(32, passphrase, salt, passes, memoryBytes, sodium.crypto_pwhash_ALG_ARGON2ID13);
  parentPort.postMessage(sodium.to_hex(key));
}, (cause) => { throw cause; });
`;

/** `salt`: 16 bytes. Throws `Broken('broken')` when the machine has not the memory. */
export function stretch(passphrase: string, salt: Uint8Array, cost: StretchCost): Promise<Secret<'vault'>> {
  const library = createRequire(import.meta.url).resolve('libsodium-wrappers-sumo');
  const workerData = { library, passphrase: utf8(passphrase.normalize('NFC')), salt, ...cost };
  const worker = new Worker(program, { eval: true, workerData });
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) =>
      reject(
        new Broken('broken', 'The passphrase could not be processed: this machine may be short of memory.', { cause }),
      );
    worker.once('message', (key: unknown) => {
      if (typeof key === 'string') resolve(new Secret('vault', fromHex(key)));
      else fail();
      void worker.terminate();
    });
    worker.once('error', fail);
    worker.once('exit', () => fail());
  });
}
