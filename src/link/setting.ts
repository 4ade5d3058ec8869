/** A person's proxy setting as the bytes that the vault keeps. It has a password in it and lies nowhere else. */
import { Secret } from '../core/secret.ts';
import type { Bytes } from '../wire/bytes.ts';
import { decode, encode, field, maybe, oneOf, rawBytes, record, text, uint } from '../wire/cbor.ts';
import { Broken, PeerFault } from '../wire/fault.ts';
import { maxLoginBytes, type ProxySetting, proxyKinds, proxyPolicies } from './proxy.ts';

const word = rawBytes({ min: 1, max: maxLoginBytes });
const shape = record({
  policy: field(1, oneOf(...proxyPolicies)),
  proxy: maybe(
    2,
    record({
      kind: field(1, oneOf(...proxyKinds)),
      host: field(2, text(253)),
      port: field(3, uint(65535)),
      login: maybe(4, record({ user: field(1, word), password: field(2, word) })),
    }),
  ),
});

export function encodeProxySetting({ policy, proxy }: ProxySetting): Bytes {
  if (proxy === undefined) return encode(shape, { policy });
  const { kind, host, port, login } = proxy;
  const opened = login === undefined ? {} : { login: { user: login.user.open(), password: login.password.open() } };
  return encode(shape, { policy, proxy: { kind, host, port, ...opened } });
}

/** Throws `Broken('corrupt')`: nobody but this program writes into the vault. */
export function readProxySetting(bytes: Bytes): ProxySetting {
  try {
    const { policy, proxy } = decode(shape, bytes);
    if (proxy === undefined) return { policy };
    const { kind, host, port, login } = proxy;
    const boxed =
      login === undefined
        ? {}
        : { login: { user: new Secret('proxy', login.user), password: new Secret('proxy', login.password) } };
    return { policy, proxy: { kind, host, port, from: 'setting', ...boxed } };
  } catch (cause) {
    if (!(cause instanceof PeerFault)) throw cause;
    throw new Broken('corrupt', 'The vault holds a proxy setting that cannot be read. Clear it: muster proxy clear', {
      cause,
    });
  }
}
