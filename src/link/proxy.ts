/**
 * Proxies as people, the environment and the system name them. A proxy is a stranger that carries bytes: TLS to the
 * relay, with its pin, goes end to end inside. It must never be given more than the relay's address and the name and
 * password that are its own, and those never print.
 */
import { BlockList, isIP } from 'node:net';
import { Secret } from '../core/secret.ts';
import { utf8 } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import { isLiteral, type Place, sayPlace } from './address.ts';

export const proxyKinds = ['http', 'https', 'socks5'] as const;
export type ProxyKind = (typeof proxyKinds)[number];

export interface Login {
  readonly user: Secret<'proxy'>;
  readonly password: Secret<'proxy'>;
}

export interface ProxyServer extends Place {
  readonly kind: ProxyKind;
  readonly login?: Login;
  /** Who said so: a person here, the environment of the program, or the desktop. */
  readonly from: 'setting' | 'environment' | 'system';
}

export const proxyPolicies = ['auto', 'proxy-only', 'direct-only'] as const;
/** `auto`: through the proxy and directly, whichever leads there; the others hold whatever happens. */
type ProxyPolicy = (typeof proxyPolicies)[number];

export interface ProxySetting {
  readonly policy: ProxyPolicy;
  /** Without one: those that environment or system name. */
  readonly proxy?: ProxyServer;
}

/** For people, in half a sentence. */
export function saySetting({ policy, proxy }: ProxySetting): string {
  if (policy === 'direct-only') return 'none: always directly';
  const login = proxy?.login === undefined ? '' : ' with a name and a password';
  const what = proxy === undefined ? 'what the system names' : `${sayProxy(proxy)}${login}`;
  return policy === 'proxy-only' ? `${what}; never directly` : `${what}, or directly: whichever leads there`;
}

/** As it is until somebody says otherwise. */
export const usualProxySetting: ProxySetting = { policy: 'auto' };

/** Longest name and password: SOCKS5 has one byte for each length. */
export const maxLoginBytes = 255;
const maxHostLength = 253;
const usualPorts: Readonly<Record<ProxyKind, number>> = { http: 80, https: 443, socks5: 1080 };
const schemes: Readonly<Record<string, ProxyKind>> = {
  http: 'http',
  https: 'https',
  socks5: 'socks5',
  socks5h: 'socks5',
  socks: 'socks5',
};

/** For people: never the name or the password. */
export const sayProxy = (proxy: ProxyServer): string => {
  const from = proxy.from === 'setting' ? '' : ` (from the ${proxy.from})`;
  return `${proxy.kind}://${sayPlace(proxy)}${from}`;
};

/** Throws `CallerFault('invalid')`, which does not repeat what it was given: there may be a password in it. */
export function makeLogin(user: string, password: string): Login {
  const [userBytes, passwordBytes] = [utf8(user), utf8(password)];
  const isShort = [userBytes, passwordBytes].every(({ length }) => length > 0 && length <= maxLoginBytes);
  // A colon would end the name in the header, and control characters the header itself.
  if (!isShort || user.includes(':') || /\p{Cc}/u.test(user + password))
    throw new CallerFault(
      'invalid',
      `The name and the password of a proxy have 1 to ${maxLoginBytes} bytes, without control characters, and the name no colon.`,
    );
  return { user: new Secret('proxy', userBytes), password: new Secret('proxy', passwordBytes) };
}

const shapeText =
  'A proxy is http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT, with an IPv6 address in brackets.';

/**
 * `http://proxy:3128`, `socks5://user:password@127.0.0.1:1080`, `proxy:3128` (which is http). Throws
 * `CallerFault('invalid')`, which does not repeat what it was given.
 */
export function readProxy(text: string, from: ProxyServer['from']): ProxyServer {
  const found = /^(?:([a-z0-9]+):\/\/)?(?:([^@/\s]*)@)?(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?\/?$/i.exec(
    text.trim(),
  );
  const kind = schemes[(found?.[1] ?? 'http').toLowerCase()];
  const host = found?.[3] ?? found?.[4];
  if (found === null || kind === undefined || host === undefined || host.length > maxHostLength)
    throw new CallerFault('invalid', shapeText);
  if (found[3] !== undefined && isIP(host) !== 6) throw new CallerFault('invalid', shapeText);
  const port = found[5] === undefined ? usualPorts[kind] : Number(found[5]);
  if (port === 0 || port > 65535) throw new CallerFault('invalid', shapeText);
  return { kind, host, port, from, ...(found[2] === undefined ? {} : { login: readLogin(found[2]) }) };
}

function readLogin(text: string): Login {
  const at = text.indexOf(':');
  if (at < 0)
    throw new CallerFault('invalid', 'A proxy that is given a name needs a password too: NAME:PASSWORD@HOST.');
  let parts: readonly string[];
  try {
    parts = [text.slice(0, at), text.slice(at + 1)].map(decodeURIComponent);
  } catch {
    throw new CallerFault('invalid', 'In the name or the password of the proxy a % is not followed by two digits.');
  }
  return makeLogin(parts[0] ?? '', parts[1] ?? '');
}

/** Which proxies to take for a host; none: go directly. */
export type ProxyChoice = (host: string, port: number) => readonly ProxyServer[];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, as curl reads them. Relays speak TLS, so `HTTP_PROXY` is not
 * for them. Throws `CallerFault('invalid')` naming the variable.
 */
export function proxiesOfEnvironment(env: Environment): ProxyChoice {
  const named = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'].find((name) => (env[name] ?? '') !== '');
  if (named === undefined) return () => [];
  let proxy: ProxyServer;
  try {
    proxy = readProxy(env[named] ?? '', 'environment');
  } catch (fault) {
    if (!(fault instanceof CallerFault)) throw fault;
    throw new CallerFault('invalid', `The variable ${named} holds no proxy. ${fault.message}`, { cause: fault });
  }
  const isExcepted = readExceptions(env['no_proxy'] ?? env['NO_PROXY'] ?? '');
  return (host, port) => (isLoopback(host) || isExcepted(host, port) ? [] : [proxy]);
}

/** No proxy leads to this machine itself. */
function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host.startsWith('127.') || host === '::1';
}

/** Names with what is under them, addresses, networks (`10.0.0.0/8`), `*`; each with a port or without. */
function readExceptions(text: string): (host: string, port: number) => boolean {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((each) => each !== '')
    .map(readException);
  return (host, port) => entries.some((fits) => fits(host.toLowerCase(), port));
}

function readException(entry: string): (host: string, port: number) => boolean {
  if (entry === '*') return () => true;
  const [, network, bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (network !== undefined && isLiteral(network)) {
    const list = new BlockList();
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    const length = Number(bits);
    if (length > (family === 'ipv6' ? 128 : 32)) return () => false;
    list.addSubnet(network, length, family);
    return (host) => isLiteral(host) && list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
  }
  const [, v6, name, at] =
    /^(?:\[([0-9a-f:.]+)\]|([^[\]]*?))(?::(\d{1,5}))?$/.exec(isLiteral(entry) ? `[${entry}]` : entry) ?? [];
  const wanted = v6 ?? name?.replace(/^\*?\./, '') ?? '';
  if (wanted === '') return () => false;
  return (host, port) =>
    (at === undefined || Number(at) === port) &&
    (host === wanted || (!isLiteral(host) && !isLiteral(wanted) && host.endsWith(`.${wanted}`)));
}

/**
 * A setting in words: a proxy, `system`, or `none` for no proxy at all. `isOnly`: never directly. Throws
 * `CallerFault('invalid')`.
 */
export function readSetting(text: string, isOnly: boolean, from: ProxyServer['from'] = 'setting'): ProxySetting {
  if (text === 'none' && isOnly) throw new CallerFault('invalid', 'Neither a proxy nor directly: that leads nowhere.');
  if (text === 'none') return { policy: 'direct-only' };
  const policy = isOnly ? 'proxy-only' : 'auto';
  return text === 'system' ? { policy } : { policy, proxy: readProxy(text, from) };
}

/** `MUSTER_PROXY` and `MUSTER_PROXY_ONLY=1`; undefined: nothing is said. Throws `CallerFault('invalid')`. */
export function settingOfEnvironment(env: Environment): ProxySetting | undefined {
  const text = env['MUSTER_PROXY'] ?? '';
  const isOnly = env['MUSTER_PROXY_ONLY'] === '1';
  if (text === '' && !isOnly) return undefined;
  try {
    return readSetting(text === '' ? 'system' : text, isOnly, 'environment');
  } catch (fault) {
    if (!(fault instanceof CallerFault)) throw fault;
    throw new CallerFault('invalid', `MUSTER_PROXY cannot be used. ${fault.message}`, { cause: fault });
  }
}

const pacKinds: Readonly<Record<string, ProxyKind>> = { PROXY: 'http', HTTP: 'http', HTTPS: 'https', SOCKS5: 'socks5' };

/**
 * What Chromium answers for a host: `PROXY a:3128; SOCKS5 b:1080; DIRECT`. What is no proxy of a kind we speak is left
 * out, so this never throws; the text comes from a script that somebody in the network may have written.
 */
export function readPac(text: string): readonly ProxyServer[] {
  return text
    .slice(0, 4096)
    .split(';')
    .flatMap((each) => {
      const [, word = '', place = ''] = /^\s*([A-Za-z0-9]+)\s+(\S+)\s*$/.exec(each) ?? [];
      const kind = pacKinds[word.toUpperCase()];
      if (kind === undefined || place.includes('@')) return [];
      try {
        return [readProxy(`${kind}://${place}`, 'system')];
      } catch (fault) {
        if (fault instanceof CallerFault) return [];
        throw fault;
      }
    })
    .slice(0, 4);
}
