/**
 * The folder of a relay, whether it runs or not. Commands ask the running relay first; only where none runs do they
 * open the folder themselves.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '../../src/wire/bytes.ts';
import { Broken, CallerFault, PeerFault, Refused } from '../../src/wire/fault.ts';
import type { OrgId } from '../../src/wire/id.ts';
import { storeFile } from '../backup.ts';
import { hasIdentity, loadIdentity } from '../certificate.ts';
import { askControl, openControl } from '../control.ts';
import type { Gate } from '../gate.ts';
import { relayLimits } from '../limit.ts';
import { isAnswered } from '../listen.ts';
import { quietMeter } from '../meter.ts';
import { keptPlace, noRelayIn } from '../place.ts';
import type { Store } from '../storage.ts';

/** A copy of a large store takes its time; everything else is answered at once. */
const answerMs = 10_000;
const copyMs = 3_600_000;

/** Throws `CallerFault('not-found')` unless a relay was made, or has run, in this folder. */
export function findRelay(dataDir: string): void {
  if (hasIdentity(dataDir) || existsSync(join(dataDir, storeFile))) return;
  throw new CallerFault('not-found', noRelayIn(dataDir));
}

/** The text a running relay answers; `undefined` if none runs. Throws the fault that the relay names. */
export async function askRelay(
  dataDir: string,
  page: 'GET /healthz' | 'POST /admit' | 'POST /copy',
  body?: Bytes,
): Promise<string | undefined> {
  const [method, path] = page === 'GET /healthz' ? (['GET', '/healthz'] as const) : (['POST', page.slice(5)] as const);
  const answer = await askControl(dataDir, method, path, body, page === 'POST /copy' ? copyMs : answerMs);
  if (answer === undefined) {
    await checkStopped(dataDir);
    return undefined;
  }
  // A relay that cannot write says how it is all the same.
  if (answer.isDone || page === 'GET /healthz') return answer.text;
  throw faultOf(answer.text);
}

function faultOf(text: string): Error {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    said = undefined;
  }
  if (typeof said !== 'object' || said === null || !('code' in said) || !('text' in said))
    return new Broken('broken', 'the relay starts or stops just now; try again');
  const { code } = said;
  const sentence = String(said.text);
  if (code === 'rolled-back') return new PeerFault(code, sentence);
  if (code === 'disk' || code === 'busy') return new Refused(code, sentence);
  return new Broken('broken', sentence);
}

/** Without a control socket a running relay looks like a stopped one; its port tells. */
async function checkStopped(dataDir: string): Promise<void> {
  const place = keptPlace(dataDir);
  if (place?.host === undefined) return;
  const host = place.host === '0.0.0.0' ? '127.0.0.1' : place.host === '::' ? '::1' : place.host;
  const { port } = place;
  if (await isAnswered({ host, port, timeout: 2000 })) {
    throw new CallerFault(
      'not-allowed',
      `Something answers on port ${port} of this relay, and it has no control socket in its folder. If that is the relay, stop it first; its log says why there is no socket.`,
    );
  }
}

/**
 * The store of a relay that does not run, and its gate, for the organisations it served when it ran last: the same rules
 * as in one that does. Closed when the work is done. The folder is held meanwhile: of two at one store the one that
 * closes first writes places that the other would write again, and no commit of that one would go well any more.
 */
export async function withFolder<T>(
  dataDir: string,
  now: () => number,
  work: (store: Store, gate: Gate, orgs: readonly OrgId[]) => Promise<T>,
): Promise<T> {
  const hold = await openControl(
    dataDir,
    () => undefined,
    () => undefined,
  );
  try {
    return await workIn(dataDir, now, work);
  } finally {
    await hold.close(0);
  }
}

async function workIn<T>(
  dataDir: string,
  now: () => number,
  work: (store: Store, gate: Gate, orgs: readonly OrgId[]) => Promise<T>,
): Promise<T> {
  const place = keptPlace(dataDir);
  const pin = place?.pin ?? (await loadIdentity(dataDir)).pin;
  const orgs = place?.orgs ?? [];
  // Loaded only here: most commands of `muster` open no store.
  const [{ openStore }, gates] = await Promise.all([import('../store.ts'), import('../gate.ts')]);
  const store = await openStore(join(dataDir, storeFile), relayLimits, { meter: quietMeter, now });
  try {
    const gate = new gates.Gate({ pin, orgs, store, limits: relayLimits, now, onRevoked: () => undefined });
    await gate.load();
    return await work(store, gate, orgs);
  } finally {
    await store.close();
  }
}
