/**
 * Every setting of a relay, once: its name, what it takes, its default and what it means. The configuration file, the
 * flags, the environment, `--help` and the file that `init` writes are all made from this table.
 *
 * A setting `log-level` is `log-level = "debug"` in the file, `--log-level debug` and `MUSTER_RELAY_LOG_LEVEL=debug`.
 * To add one, add a row; the compiler asks for the rest.
 */
import * as z from 'zod/mini'; // the whole zod costs the start of a relay 60 ms more than this
import { cardLimit } from '../src/wire/card.ts';
import { orgId } from '../src/wire/id.ts';
import { type RelayLimits, relayLimits } from './limit.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT` or `[HOST]:PORT`; nothing if it is neither. */
export function addressOf(text: string): Address | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

/** As `addressOf` reads it. */
export const textOf = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

const address = z.pipe(
  z.string('is HOST:PORT'),
  z.transform((text, context) => {
    const found = addressOf(text);
    if (found !== undefined) return found;
    context.issues.push({ code: 'custom', input: text, message: 'is HOST:PORT, for example 127.0.0.1:0 or [::]:7443' });
    return z.NEVER;
  }),
);

/** Blanks are how a fingerprint is printed; words are only half of one. */
const fingerprint = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const digits = text.replace(/\s+/g, '').toLowerCase();
    if (/^[0-9a-f]{64}$/.test(digits)) return orgId.parse(digits);
    context.issues.push({
      code: 'custom',
      input: text,
      message:
        'is the whole fingerprint of an organisation, 64 hexadecimal digits; twelve words are only half of it, muster org show FILE has the digits',
    });
    return z.NEVER;
  }),
);

/** The bounds an operator may have a reason to change. The others hold promises, and stay as limit.ts has them. */
export const settableLimits = [
  'connections',
  'strangers',
  'connectionsPerDevice',
  'connectionsPerAddress',
  'strangersPerAddress',
  'framesPerSecond',
  'framesAtOnce',
  'envelopesPerSecond',
  'envelopesAtOnce',
  'bytesPerSecond',
  'bytesAtOnce',
  'pendingBytes',
  'orgBytes',
  'topicBytes',
  'ageMs',
] as const satisfies readonly (keyof RelayLimits)[];

const limit = z.partialRecord(
  z.enum(settableLimits),
  z.int('is a whole number').check(z.positive('is a number above 0')),
  'is NAME=NUMBER',
);

const path = z.string('is a path').check(z.minLength(1, 'is a path'));
const flag = z.prefault(z.boolean('is true or false'), false);

/** What holds for each value. The names are the settings' own, everywhere. */
export const settings = z.strictObject({
  data: path,
  listen: z.prefault(address, '127.0.0.1:0'),
  org: z.prefault(z.array(fingerprint, 'is a list of fingerprints'), []),
  admission: z.optional(path),
  name: z.optional(z.string('is a text').check(z.maxLength(cardLimit.name, 'is a short text'))),
  tls: z.prefault(z.enum(['own', 'given', 'off'], 'is own, given or off'), 'own'),
  certificate: z.optional(path),
  key: z.optional(path),
  'plain-anywhere': flag,
  'log-level': z.prefault(z.enum(['debug', 'info', 'warn', 'error'], 'is debug, info, warn or error'), 'info'),
  'log-addresses': flag,
  'log-topics': flag,
  metrics: z.optional(address),
  limit: z.prefault(limit, {}),
});
export type Settings = z.output<typeof settings>;
export type Key = keyof Settings;

interface Option {
  /** What the text of a flag or variable is turned into before it is checked. */
  readonly kind: 'text' | 'path' | 'switch' | 'list' | 'numbers';
  /** What `--help` shows behind the flag. */
  readonly takes: string;
  readonly help: string;
  /** Shown in the file that `init` writes. */
  readonly example: string;
}

export const options: Readonly<Record<Key, Option>> = {
  data: {
    kind: 'path',
    takes: '<folder>',
    help: 'where the relay keeps its key and its store',
    example: '"/var/lib/muster"',
  },
  listen: {
    kind: 'text',
    takes: '<host:port>',
    help: 'where to listen, 127.0.0.1:0 unless said; port 0 is the one kept in the folder',
    example: '"0.0.0.0:7443"',
  },
  org: {
    kind: 'list',
    takes: '<fingerprint...>',
    help: 'the organisations to serve, 64 digits each',
    example: '["FINGERPRINT"]',
  },
  admission: {
    kind: 'path',
    takes: '<file>',
    help: 'who may connect: FILE.admission, which muster list issue wrote; an older one than is kept is passed over',
    example: '"list.admission"',
  },
  name: {
    kind: 'text',
    takes: '<word>',
    help: 'a name in the log lines, to tell relays of one machine apart',
    example: '"oslo"',
  },
  tls: {
    kind: 'text',
    takes: '<how>',
    help: 'own: key and certificate of the folder; given: those named below; off: plain, behind a proxy that ends TLS',
    example: '"own"',
  },
  certificate: {
    kind: 'path',
    takes: '<file>',
    help: 'PEM, with tls given; with tls off that of the proxy, whose key devices pin',
    example: '"relay.crt"',
  },
  key: { kind: 'path', takes: '<file>', help: 'PEM, with tls given', example: '"relay.key"' },
  'plain-anywhere': {
    kind: 'switch',
    takes: '',
    help: 'with tls off: listen also where other machines reach it, and whoever is between can see who talks',
    example: 'true',
  },
  'log-level': {
    kind: 'text',
    takes: '<level>',
    help: 'debug, info, warn or error; info unless said',
    example: '"warn"',
  },
  'log-addresses': { kind: 'switch', takes: '', help: 'write addresses of devices into the log', example: 'true' },
  'log-topics': { kind: 'switch', takes: '', help: 'write topic ids into the log', example: 'true' },
  metrics: {
    kind: 'text',
    takes: '<host:port>',
    help: 'a second port with /healthz in full and /metrics for Prometheus; not for the internet',
    example: '"127.0.0.1:9464"',
  },
  limit: {
    kind: 'numbers',
    takes: '<name=number...>',
    help: `bounds other than the usual: ${settableLimits.join(', ')}`,
    example: `{ connections = ${relayLimits.connections} }`,
  },
};

export const isKey = (name: string): name is Key => Object.hasOwn(options, name);
export const keys: readonly Key[] = Object.keys(options).filter(isKey);

export const variableOf = (key: Key | 'config'): string => `MUSTER_RELAY_${key.toUpperCase().replaceAll('-', '_')}`;
