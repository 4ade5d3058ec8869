/**
 * An organisation for the bench: real keys, a real signed list, vaults on disk and relays as processes of their own, all
 * from the build. Limits of a relay are as they ship, but for rates: what is filled at once came over weeks.
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { initRelay } from '../../../dist/server/run.js';
import { readBundle } from '../../../dist/src/core/bundle.js';
import { makeCertificate, makeDeviceKeys } from '../../../dist/src/core/certificate.js';
import { foundOrganisation } from '../../../dist/src/core/custodian.js';
import { issueDraft, makeDraft, readDraft, signDraft } from '../../../dist/src/core/draft.js';
import { deviceOf } from '../../../dist/src/core/id.js';
import { encodeJoin, readJoin } from '../../../dist/src/core/join.js';
import { makeSignKey } from '../../../dist/src/core/key.js';
import { makePrekey } from '../../../dist/src/core/prekey.js';
import { loadSodium } from '../../../dist/src/core/sodium.js';
import { composeLeaves } from '../../../dist/src/directory/compose.js';
import { installBundle, systemRandom } from '../../../dist/src/responder/device.js';
import { openDevice } from '../../../dist/src/responder/host.js';
import { nodePorts } from '../../../dist/src/responder/node.js';
import { leastCost } from '../../../dist/src/vault/stretch.js';
import { Vault } from '../../../dist/src/vault/vault.js';

export const passphrase = 'a passphrase for the bench';
const yearMs = 365 * 86_400_000;
function makePerson(i) {
  const identity = makeSignKey(systemRandom);
  const keys = makeDeviceKeys(systemRandom);
  const nowMs = Date.now();
  const certificate = makeCertificate(identity, keys, `Device ${i}`, nowMs);
  const prekey = makePrekey(
    keys.sign,
    deviceOf(keys.sign.publicKey),
    { seq: 0 },
    { nowMs, forMs: yearMs },
    systemRandom,
  );
  const handle = `p${i}`;
  const join = encodeJoin({ handle, identity: identity.publicKey, certificate, prekey: prekey.record });
  return { ring: { handle, identity, keys, certificate, prekeys: [prekey] }, join: readJoin(join) };
}

/** Relays that are not started still stand on the list. */
export async function found(work, { members, relays }) {
  await loadSodium();
  const people = Array.from({ length: members }, (_, i) => makePerson(i));
  const hosts = [];
  for (let i = 0; i < relays; i++) {
    const dir = join(work, `relay-${i}`);
    hosts.push({ dir, ...(await initRelay(dir)) });
  }
  const { genesis, keys } = foundOrganisation('Bench', ['Custodian'], 1, systemRandom);
  const nowMs = Date.now();
  const contacts = people.map((_, i) => ({
    line: i + 2,
    handle: `p${i}`,
    name: `Person ${i}`,
    role: i === 0 ? 'commander' : 'responder',
    unit: 'IT',
    timeZone: 'Europe/Berlin',
    deputies: [`p${(i + 1) % members}`],
    paths: [
      { kind: 'mobile', value: '+49 170 0000000', offPrimary: true },
      { kind: 'email', value: `p${i}@example.org`, offPrimary: false },
    ],
  }));
  const listed = hosts.map(({ pin, port }, i) => ({
    relay: pin,
    name: `Relay ${i}`,
    operator: 'Bench',
    addresses: [`127.0.0.1:${port}`],
  }));
  const joins = people.map((person) => person.join);
  const leaves = composeLeaves({ contacts, joins, relays: listed, programme: [], nowMs }, systemRandom);
  const draft = makeDraft(
    { genesis, version: 1, issuedAtMs: nowMs, expiresAtMs: nowMs + yearMs },
    leaves,
    systemRandom,
  );
  const bundle = issueDraft(readDraft(signDraft(readDraft(draft), keys[0])));
  const { list, admission } = readBundle(bundle);
  writeFileSync(join(work, 'admission'), admission);
  return { work, people, hosts, bundle, list, running: [] };
}

/** A vault of device `i` with the list in it, closed again. `fill`: what else is to be written into it. */
export async function makeVault(org, i, fill = () => undefined) {
  const vault = await Vault.create(vaultOf(org, i), passphrase, org.people[i].ring, leastCost, systemRandom);
  installBundle(vault, org.bundle);
  fill(vault);
  vault.close();
}

export const vaultOf = (org, i) => join(org.work, `device-${i}`);

const log = process.env.BENCH_LOG === undefined ? () => undefined : (line) => console.error(line.code, line.text);

export const openIn = (dir) => openDevice(dir, passphrase, nodePorts(log));
export const open = (org, i) => openIn(vaultOf(org, i));

/** They end with this process, however it ends. */
export async function startRelays(org) {
  for (const { dir, port } of org.hosts) {
    const args = [dir, String(port), org.list.org, join(org.work, 'admission')];
    const child = fork(fileURLToPath(new URL('./serve.mjs', import.meta.url)), args);
    org.running.push(child);
    await new Promise((done, fail) => {
      child.once('message', done);
      child.once('exit', (code) => fail(new Error(`a relay did not start (${code})`)));
    });
  }
}

/** Ends them at once: their data goes with the folder. */
export function stopRelays(org) {
  for (const child of org.running) child.kill('SIGKILL');
}

export async function until(isSo, what, patienceMs = 120_000) {
  const endMs = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 2));
  }
}

export const reaches = (device, count) =>
  until(() => [...device.state.relays.values()].filter((relay) => relay.up).length >= count, `${count} relays`);
