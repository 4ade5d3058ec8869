/** The demo's side of a device process: starts it, asks it, hears from it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ArgsOf, CallName, Reply, ResultOf } from '../../ipc/contract.ts';
import { Broken } from '../../wire/fault.ts';
import { adopt, endChild } from './child.ts';
import { type FromHost, fromHost, type ToHost } from './talk.ts';

const program = fileURLToPath(new URL('./hostProcess.js', import.meta.url));
/** No answer of a healthy device takes longer; Argon2id on a busy machine is the longest. */
const answerMs = 60_000;

type Asked = ToHost extends infer M ? (M extends { readonly id: number } ? Omit<M, 'id'> : never) : never;

export class HostProcess {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #ids = 0;
  readonly ready: Promise<void>;

  constructor() {
    this.#child = adopt(fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
    this.ready = new Promise((resolve) => {
      this.#child.on('message', (raw: unknown) => {
        const message = fromHost.parse(raw);
        if (message.type === 'ready') resolve();
        else this.#hear(message);
      });
    });
    this.#child.once('exit', () => {
      for (const each of this.#asked.values())
        each.reject(new Broken('broken', 'A process of the demo ended unexpectedly.'));
      this.#asked.clear();
    });
  }

  #hear(message: Exclude<FromHost, { type: 'ready' }>): void {
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (message.type === 'done') asked?.resolve(message.value);
    else asked?.reject(new Broken('broken', message.text));
  }

  ask(message: Asked): Promise<unknown> {
    this.#ids += 1;
    const id = this.#ids;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asked.delete(id);
        reject(new Broken('broken', `A device did not answer "${message.type}" within ${answerMs / 1000} s.`));
      }, answerMs);
      const settle =
        <T>(next: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          next(value);
        };
      this.#asked.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#child.send({ ...message, id });
    });
  }

  end(): Promise<void> {
    return endChild(this.#child, 'SIGTERM');
  }
}

/** A person's device: what a window on it could do, and nothing more. */
export class Person {
  readonly handle: string;
  readonly name: string;
  readonly host: HostProcess;

  constructor(handle: string, name: string, host: HostProcess) {
    this.handle = handle;
    this.name = name;
    this.host = host;
  }

  async call<N extends CallName>(call: N, args: ArgsOf<N>): Promise<ResultOf<N>> {
    // The gate in the other process made this reply from the same table, by our own code.
    const reply = (await this.host.ask({ type: 'call', device: this.handle, call, args })) as Reply<ResultOf<N>>;
    if (!reply.ok) throw new Broken('broken', `${this.name}: ${reply.text}`);
    return reply.value;
  }
}

/** Often enough for a person, seldom enough that twelve of them leave the processors to the devices. */
const askAgainMs = 250;

/** Waits until `check` gives something, asking again at intervals. */
export async function waitFor<T>(what: string, forMs: number, check: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + forMs;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (Date.now() > endMs)
      throw new Broken(
        'broken',
        `The demo waited ${Math.round(forMs / 1000)} s for this and it did not come: ${what}.`,
      );
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}
