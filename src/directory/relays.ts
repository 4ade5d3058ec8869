/**
 * A relay as its operator hands it over: `relay.json` with the pin of its key and where it is reached. Public, but
 * what stands here is what devices will trust, so the custodian compares the pin by voice before signing.
 */
import { z } from 'zod';
import { cardLimit, type RelayCard } from '../wire/card.ts';
import { relayId } from '../wire/id.ts';
import { throwIfAny } from './problem.ts';
import { parseJson, problemsOf } from './programme.ts';

const address = /^(?:\[[0-9a-fA-F:.]+\]|[^:[\]\s/]+):([1-9]\d{0,4})$/;

export const isRelayAddress = (text: string): boolean => Number(address.exec(text)?.[1] ?? 65_536) < 65_536;

const shape = z.strictObject({
  pin: z.string().regex(/^[0-9a-f]{64}$/, 'a pin is 64 hexadecimal digits'),
  name: z.string().trim().min(1).max(cardLimit.name),
  operator: z.string().trim().max(cardLimit.operator).default(''),
  addresses: z
    .array(z.string().max(cardLimit.address).refine(isRelayAddress, 'an address is HOST:PORT or [HOST]:PORT'))
    .min(1)
    .max(cardLimit.addresses),
});

/** Throws `CallerFault('invalid')`. */
export function readRelay(text: string): RelayCard {
  const read = shape.safeParse(parseJson(text), { reportInput: true });
  if (read.success) {
    const { pin, ...rest } = read.data;
    return { relay: relayId.parse(pin), ...rest };
  }
  throwIfAny(problemsOf(read.error));
  throw read.error;
}
