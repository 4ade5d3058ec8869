/** An organisation with members, devices, relays and drills, founded with the real code and a seed. */
import { makeCertificate, makeDeviceKeys } from '../../src/core/certificate.ts';
import { foundOrganisation, signAsCustodian } from '../../src/core/custodian.ts';
import { readGenesis } from '../../src/core/genesis.ts';
import { deviceOf, drillId, type ListId, memberOf } from '../../src/core/id.ts';
import { makeSignKey, type Random, type SignKey } from '../../src/core/key.ts';
import { type LeafOf, makeLeaf, type Role } from '../../src/core/leaf.ts';
import { joinList, type MusterList, makeHead, readList } from '../../src/core/list.ts';
import { makePrekey } from '../../src/core/prekey.ts';
import type { Self } from '../../src/engine/state.ts';
import { relayId } from '../../src/wire/id.ts';

export const names = ['Ada', 'Béla', 'Cleo', 'Dunja', 'Emil', 'Fatma', 'Goran', 'Hana', 'Imre', 'Jana', 'Kofi', 'Lena'];

export interface Founded {
  readonly list: MusterList;
  readonly listBytes: Uint8Array;
  readonly selves: readonly Self[];
  /** What it was made of, for tests that make another list or a wrong one. */
  readonly genesis: Uint8Array;
  readonly custodians: readonly SignKey[];
  readonly identities: readonly SignKey[];
  readonly leaves: readonly Uint8Array[];
}

/** A list of these leaves, signed by these custodians. */
export function signList(
  genesis: Uint8Array,
  custodians: readonly SignKey[],
  leaves: readonly Uint8Array[],
  facts: { readonly version?: number; readonly issuedAtMs?: number; readonly previous?: ListId } = {},
): Uint8Array {
  const { version = 1, issuedAtMs = 1_800_000_000_000, previous } = facts;
  const before = previous === undefined ? {} : { previous };
  const head = makeHead(
    genesis,
    { version, issuedAtMs, expiresAtMs: issuedAtMs + 365 * 86_400_000, ...before },
    leaves,
  );
  return joinList(
    head,
    custodians.map((key) => signAsCustodian(readGenesis(genesis), key, 'list', head)),
    leaves,
  );
}

export type DrillFacts = Partial<Omit<LeafOf<'drill'>, 'type' | 'coordinators'>> & {
  readonly coordinators?: readonly number[];
};

export interface FoundOptions {
  readonly members?: number;
  readonly relays?: number;
  readonly nowMs?: number;
  readonly drills?: readonly DrillFacts[];
  /** By member; without it the first commands and the others respond. */
  readonly roles?: readonly Role[];
}

/** Member i's first deputy is member i + 1, the last one's is the first. */
export function foundMuster(random: Random, options: FoundOptions = {}): Founded {
  const { members = 3, relays = 3, nowMs = 1_800_000_000_000, drills = [] } = options;
  const { genesis, keys } = foundOrganisation('Test Works', ['One', 'Two', 'Three'], 2, random);
  const people = Array.from({ length: members }, (_, i) => {
    const identity = makeSignKey(random);
    const deviceKeys = makeDeviceKeys(random);
    const device = deviceOf(deviceKeys.sign.publicKey);
    const prekey = makePrekey(deviceKeys.sign, device, { seq: 0 }, { nowMs, forMs: 30 * 86_400_000 }, random);
    const certificate = makeCertificate(identity, deviceKeys, `${names[i % names.length]}'s laptop`, nowMs);
    return {
      identity,
      deviceKeys,
      device,
      prekey,
      certificate,
      member: memberOf(identity.publicKey),
      name: `${names[i % names.length]} ${i + 1}`,
    };
  });
  const at = (i: number) => people[i % members]?.member ?? memberOf(new Uint8Array(32));
  const leaves = [
    ...people.flatMap((person, i) => [
      makeLeaf(
        {
          type: 'member',
          member: person.member,
          identity: person.identity.publicKey,
          role: options.roles?.[i] ?? (i === 0 ? 'commander' : 'responder'),
          unit: 'IT',
          deputies: members > 1 ? [at(i + 1)] : [],
          devices: [{ certificate: person.certificate, prekey: person.prekey.record, since: 1 }],
        },
        random,
      ),
      makeLeaf({ type: 'name', member: person.member, name: person.name }, random),
      makeLeaf(
        {
          type: 'contact',
          member: person.member,
          timeZone: 'Europe/Berlin',
          paths: [
            { kind: 'mobile', value: `+49 170 000${String(i).padStart(4, '0')}`, offPrimary: true },
            { kind: 'email', value: `m${i}@example.org`, offPrimary: false },
          ],
        },
        random,
      ),
    ]),
    ...Array.from({ length: relays }, (_, i) =>
      makeLeaf(
        {
          type: 'relay',
          relay: relayId.of(random(32)),
          name: `Relay ${i + 1}`,
          addresses: [`wss://127.0.0.1:${9001 + i}`],
          operator: `Host ${i + 1}`,
        },
        random,
      ),
    ),
    ...drills.map((facts, i) => {
      const { coordinators = [0, 1], ...rest } = facts;
      return makeLeaf(
        {
          type: 'drill',
          drill: drillId.of(random(32)),
          sequence: i + 1,
          title: `Drill ${i + 1}`,
          announced: false,
          fromMs: nowMs + 60_000,
          toMs: nowMs + 120_000,
          scenario: 'Mail and directory are down.',
          injects: [],
          openWithinMs: 10_000,
          answerWithinMs: 120_000,
          escalateAfterMs: 180_000,
          closeAfterMs: 600_000,
          answeredPercent: 80,
          ...rest,
          coordinators: coordinators.map(at),
        },
        random,
      );
    }),
    makeLeaf({ type: 'rendezvous', secret: random(32) }, random),
  ];
  const listBytes = signList(genesis, keys.slice(0, 2), leaves, { issuedAtMs: nowMs });
  return {
    list: readList(listBytes),
    listBytes,
    genesis,
    custodians: keys,
    identities: people.map((person) => person.identity),
    leaves,
    selves: people.map((person) => ({
      device: person.device,
      member: person.member,
      keys: person.deviceKeys,
      prekeys: [person.prekey],
      app: '0.1.0',
      factor: 'passphrase' as const,
    })),
  };
}
