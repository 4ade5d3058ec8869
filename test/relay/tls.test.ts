/** With whose key a relay meets devices: its own, a given one, or that of a proxy in front of it. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:tls';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadIdentity } from '../../server/certificate.ts';
import { makeDevice, makeOrg, type TestDevice, type TestOrg } from '../kit/org.ts';
import { dropDataDir, enter, greet, makeDataDir, prove, startTestRelay } from '../kit/relay.ts';

let org: TestOrg;
let device: TestDevice;
let [dataDir, elsewhere] = ['', ''];
const ends: (() => unknown)[] = [];

beforeEach(async () => {
  org = await makeOrg();
  device = await makeDevice();
  [dataDir, elsewhere] = [makeDataDir(), makeDataDir()];
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  dropDataDir(dataDir);
  dropDataDir(elsewhere);
});

const start = async (tls: Parameters<typeof startTestRelay>[1]) => {
  const relay = await startTestRelay([org.org], { dataDir, admission: org.list([device]), ...tls });
  ends.push(() => relay.close());
  return relay;
};
const certificate = () => join(elsewhere, 'certificate.pem');
const key = () => join(elsewhere, 'key.pem');

describe('a given certificate', () => {
  it('is refused when it is not there, is none, or is of another key', async () => {
    const tls = { kind: 'given', certificate: certificate(), key: key() } as const;
    await expect(start({ tls })).rejects.toMatchObject({ code: 'not-found', side: 'caller' });
    writeFileSync(certificate(), 'no PEM');
    writeFileSync(key(), 'no PEM');
    await expect(start({ tls })).rejects.toMatchObject({ code: 'invalid', side: 'caller' });
    await loadIdentity(elsewhere).catch(() => undefined);
    await loadIdentity(dataDir);
    copyFileSync(join(dataDir, 'key.pem'), key());
    await expect(start({ tls })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('gives the pin, and the data folder gets no key', async () => {
    const { pin } = await loadIdentity(elsewhere);
    const relay = await start({ tls: { kind: 'given', certificate: certificate(), key: key() } });
    expect(relay.pin).toBe(pin);
    await enter(relay, org, device);
    expect(() => copyFileSync(join(dataDir, 'key.pem'), '/dev/null')).toThrow(/ENOENT/);
  });
});

describe('plain, behind a proxy that ends TLS', () => {
  /** The proxy: TLS with the key of `elsewhere`, bytes passed on as they are. */
  async function proxyTo(port: number): Promise<number> {
    const { keyPem, certificatePem } = await loadIdentity(elsewhere);
    const proxy = createTlsServer({ key: keyPem, cert: certificatePem }, (outer) => {
      const inner = connect(port, '127.0.0.1');
      outer.pipe(inner).pipe(outer);
      for (const each of [outer, inner]) each.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    ends.push(() => proxy.close());
    const address = proxy.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  it('is bound to the key of the proxy: a proof for another one does not pass', async () => {
    const { pin } = await loadIdentity(elsewhere);
    const relay = await start({ tls: { kind: 'off', certificate: certificate() } });
    expect(relay.pin).toBe(pin);
    const port = await proxyTo(relay.port);
    const other = await loadIdentity(dataDir);
    const { client, challenge } = await greet(port);
    prove(client, challenge, other.pin, org.org, device);
    expect(await client.take('refused')).toMatchObject({ code: 'not-admitted' });
    client.close();
    const inside = await enter({ port, pin }, org, device);
    inside.close();
  });

  it('uses the key of the folder when no certificate is named, and speaks no TLS itself', async () => {
    const relay = await start({ tls: { kind: 'off' } });
    expect(relay.pin).toBe((await loadIdentity(dataDir)).pin);
    await expect(greet(relay.port)).rejects.toThrow(/the socket opens/);
    await enter(relay, org, device, 'ws');
  });
});
