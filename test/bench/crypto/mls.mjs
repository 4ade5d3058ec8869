/** MLS (ts-mls) with X-Wing, as post-quantum as ours. */
import { door } from './peers.mjs';
import { makeProvider } from './sodiumProvider.mjs';

const suiteName = 'MLS_256_XWING_CHACHA20POLY1305_SHA512_Ed25519';

export async function loadMls(scratch) {
  const [lib, { default: sodium }] = await Promise.all([door(scratch, 'mls'), door(scratch, 'sodium')]);
  await sodium.ready;
  const suite = await lib.getCiphersuiteImpl(lib.getCiphersuiteFromName(suiteName), makeProvider(sodium));
  return { lib, suite };
}

const invite = ({ lib, suite }, name) =>
  lib.generateKeyPackage(
    { credentialType: 'basic', identity: new TextEncoder().encode(name) },
    lib.defaultCapabilities(),
    lib.defaultLifetime,
    [],
    suite,
  );

/**
 * A fresh tree: one commit has added everyone and nobody has committed since. That is how a group stands that sleeps
 * for months, and in which most members come back at once.
 */
export async function createGroup(mls, size) {
  const { lib, suite } = mls;
  const me = await invite(mls, 'me');
  const others = [];
  for (let i = 1; i < size; i++) others.push(await invite(mls, `member ${i}`));
  const name = new TextEncoder().encode('room');
  const empty = await lib.createGroup(name, me.publicPackage, me.privatePackage, [], suite);
  const extraProposals = others.map((each) => ({ proposalType: 'add', add: { keyPackage: each.publicPackage } }));
  const options = { extraProposals, ratchetTreeExtension: true };
  const { newState, welcome } = await lib.createCommit({ state: empty, cipherSuite: suite }, options);
  // One member joins, so that a provider with a fault shows here and not as a good figure.
  const [other] = others;
  const joined = await lib.joinGroup(welcome, other.publicPackage, other.privatePackage, lib.emptyPskIndex, suite);
  return { mls, group: newState, joined };
}

/** Removing the last. The group stays as it is, so that each round removes from the same fresh tree. */
export function remover({ mls: { lib, suite }, group, joined }, size) {
  const extraProposals = [{ proposalType: 'remove', remove: { removed: size - 1 } }];
  return {
    commit: async () => (await lib.createCommit({ state: group, cipherSuite: suite }, { extraProposals })).commit,
    bytes: (commit) => lib.encodeMlsMessage(commit).length,
    check: (commit) => lib.processMessage(commit, joined, lib.emptyPskIndex, lib.acceptAll, suite),
  };
}
