/**
 * What a screen knows of one call's answer. Every noun's store is made of these, so waiting, failing and being out of
 * date look the same everywhere. A failed reading keeps the last good value: old news is marked, not taken away.
 */
import type { Api } from '../api.ts';
import type { ArgsOf, CallName, Reply, ResultOf } from '../../src/ipc/contract.ts';

export interface Problem {
  readonly code: string;
  readonly text: string;
}

export interface Asked<T> {
  readonly value?: T;
  readonly problem?: Problem;
}

export function problemOf(reply: Extract<Reply<unknown>, { ok: false }>): Problem {
  return { code: reply.code, text: reply.text };
}

/** Readings overlap when changes come fast; only the one that was asked for last may be shown. */
export function createReader<N extends CallName>(api: Api, name: N) {
  let turn = 0;
  return {
    async read(args: ArgsOf<N>, before: Asked<ResultOf<N>>): Promise<Asked<ResultOf<N>> | undefined> {
      const mine = ++turn;
      const reply = await api.call(name, args);
      if (mine !== turn) return undefined;
      if (reply.ok) return { value: reply.value };
      return { ...before, problem: problemOf(reply) };
    },
    forget() {
      turn += 1;
    },
  };
}
