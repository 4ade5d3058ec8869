/**
 * Names to IP addresses, by the system. A name is asked for once at a time, however many links want it, since the
 * system answers few questions at once and a dead DNS holds each for seconds. What a name led to last is remembered
 * while the program runs: in a crisis DNS is among the first things to go, and the relay is most likely still there.
 *
 * It must never decide anything by an answer: whoever answers wrongly leads to a wrong key.
 */
import { lookup } from 'node:dns';

/** How long a question may take before what was remembered is given instead. */
const patienceMs = 1_000;

export type Ask = (name: string, done: (addresses: readonly string[]) => void) => void;

/** The system's resolver. Gives nothing for a name that nobody knows now. */
export const askSystem: Ask = (name, done) => {
  lookup(name, { all: true, order: 'verbatim' }, (error, found) =>
    done(error === null ? found.map(({ address }) => address) : []),
  );
};

/** `ask` with a memory. `done` comes exactly once. */
export function makeResolver(ask: Ask, setTimer: (ms: number, fire: () => void) => () => void): Ask {
  const known = new Map<string, readonly string[]>();
  const waiting = new Map<string, Set<(addresses: readonly string[]) => void>>();
  return (name, done) => {
    const others = waiting.get(name);
    const all = others ?? new Set();
    const cancel = setTimer(patienceMs, () => {
      const before = known.get(name);
      if (before !== undefined && all.delete(answer)) done(before);
    });
    const answer = (addresses: readonly string[]) => {
      cancel();
      done(addresses);
    };
    all.add(answer);
    if (others !== undefined) return;
    waiting.set(name, all);
    ask(name, (addresses) => {
      // First, since whoever is answered may ask again.
      waiting.delete(name);
      if (addresses.length > 0) known.set(name, addresses);
      for (const each of [...all]) each(addresses.length > 0 ? addresses : (known.get(name) ?? []));
    });
  };
}
