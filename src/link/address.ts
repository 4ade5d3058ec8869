/**
 * Addresses of relays as texts, and in which order the addresses of a name are tried. Pure: asks nobody what a name
 * means.
 */
import { isIP } from 'node:net';
import { CallerFault } from '../wire/fault.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** `host:port` or `[v6]:port`. Throws `CallerFault('invalid')`. */
export function readAddress(text: string): Place {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  if (host === undefined || port === 0 || port > 65535)
    throw new CallerFault('invalid', 'a relay address is HOST:PORT or [HOST]:PORT');
  return { host, port };
}

/** The text of `readAddress` again. */
export const sayPlace = ({ host, port }: Place): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** An address that no one has to be asked for. */
export const isLiteral = (host: string): boolean => isIP(host) !== 0;

/**
 * IPv6 and IPv4 in turn, beginning with the family the system put first: a family that leads nowhere in this network
 * must not stand before every address of the other (RFC 8305 section 4). What is no address is left out.
 */
export function interleave(addresses: readonly string[]): readonly string[] {
  const known = [...new Set(addresses)].filter(isLiteral);
  const first = known.filter((each) => isIP(each) === isIP(known[0] ?? ''));
  const second = known.filter((each) => !first.includes(each));
  return known.flatMap((_, i) => [...first.slice(i, i + 1), ...second.slice(i, i + 1)]);
}
