/** What was seen ahead of a step changes nothing but who did the work, and never lets a signature pass. */
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBody } from '../../../src/core/body.ts';
import { makeEntry } from '../../../src/core/entry.ts';
import { entryId } from '../../../src/core/id.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { idOfEnvelope, passes } from '../../../src/core/verify.ts';
import { type Ahead, type Looked, openAhead } from '../../../src/engine/ahead.ts';
import type { Event } from '../../../src/engine/event.ts';
import type { State } from '../../../src/engine/state.ts';
import { step } from '../../../src/engine/step.ts';
import type { Bytes } from '../../../src/wire/bytes.ts';
import { everyone, sealed, textsOf, write } from '../../kit/rogue.ts';
import { World } from '../../kit/world.ts';

beforeAll(loadSodium);

interface Delivery {
  readonly state: State;
  readonly event: Event & { readonly type: 'frame' };
  readonly nowMs: number;
  readonly envelopes: readonly Bytes[];
}

/** Three texts by one device, and how they come to another that has them not, in one frame. */
function delivery(): { readonly world: World; readonly delivery: Delivery } {
  const world = new World(5, { members: 2, relays: 1 });
  world.startAll();
  world.run(4_000);
  world.crash(1);
  for (const text of ['one', 'two', 'three']) write(world, 0, text);
  world.run(1_000);
  let found: Delivery | undefined;
  world.onStep = (device, state, event, { nowMs }) => {
    if (device !== world.device(1) || event.type !== 'frame' || event.frame.type !== 'deliver') return;
    const { items, topic } = event.frame;
    if (topic === everyone(world).topic && items.length === 3)
      found = { state, event, nowMs, envelopes: items.map(([, , envelope]) => envelope) };
  };
  world.start(1);
  world.run(4_000);
  expect(textsOf(world.device(1))).toEqual(['one', 'two', 'three']);
  if (found === undefined) throw new Error('they come in one frame');
  return { world, delivery: found };
}

function look({ state, nowMs, envelopes }: Delivery, topic: ReturnType<typeof everyone>['topic']): readonly Ahead[] {
  return envelopes.map((envelope) => {
    const opened = openAhead(state, topic, envelope, nowMs);
    if (opened === undefined) throw new Error('it opens');
    return { id: idOfEnvelope(envelope), opened };
  });
}
const checked = (ahead: Ahead): Ahead =>
  ahead.opened === undefined ? ahead : { ...ahead, passed: ahead.opened.check };

function stepWith({ state, event, nowMs }: Delivery, ahead?: Looked) {
  const random = (size: number) => new Uint8Array(size);
  const { effects } = step(state, event, { nowMs, random, ...(ahead === undefined ? {} : { ahead }) });
  return {
    effects,
    refused: effects.flatMap((effect) => (effect.type === 'refused' ? [effect.code] : [])),
    entries: effects.flatMap((effect) =>
      effect.type === 'write' ? effect.rows.flatMap((row) => (row.type === 'entry' ? [row.entry.id] : [])) : [],
    ),
  };
}

/** One byte of the signature is another: the entry is parsed as it is, and not signed. */
function withBadSignature(ahead: Ahead): Ahead {
  if (ahead.opened === undefined) throw new Error('it is opened');
  const { check } = ahead.opened;
  const signature = check.signature.slice();
  signature[0] = (signature[0] ?? 0) ^ 1;
  return { ...ahead, opened: { ...ahead.opened, check: { ...check, signature } } };
}

describe('looking ahead', () => {
  it('gives the same effects as not looking, whether or not the checks were made', () => {
    const { world, delivery: came } = delivery();
    const plain = stepWith(came);
    expect(plain.entries).toHaveLength(3);
    const seen = look(came, everyone(world).topic);
    const looked = (aheads: readonly Ahead[]) => new Map(came.envelopes.map((each, i) => [each, aheads[i] as Ahead]));
    expect(stepWith(came, looked(seen)).effects).toEqual(plain.effects);
    expect(stepWith(came, looked(seen.map(checked))).effects).toEqual(plain.effects);
    expect(stepWith(came, looked(seen.map(({ id }) => ({ id })))).effects).toEqual(plain.effects);
  });

  it('a signature that does not hold is refused: that another one passed is no word on it', () => {
    const { world, delivery: came } = delivery();
    const [first, second, third] = look(came, everyone(world).topic);
    const [a, b, c] = came.envelopes;
    if (a === undefined || b === undefined || c === undefined || first === undefined)
      throw new Error('there are three');
    if (second?.opened === undefined || third === undefined || first.opened === undefined)
      throw new Error('all opened');
    const bad = withBadSignature(second);
    expect(bad.opened === undefined || passes(bad.opened.check)).toBe(false);
    for (const passed of [undefined, first.opened.check, second.opened.check]) {
      const told = { ...bad, ...(passed === undefined ? {} : { passed }) };
      const made = stepWith(
        came,
        new Map([
          [a, checked(first)],
          [b, told],
          [c, checked(third)],
        ]),
      );
      expect(made.refused).toContain('bad-signature');
      expect(made.entries).toEqual([first.opened.entry.id]);
    }
  });

  it('what was seen of one envelope is not taken for another, nor what another epoch opened', () => {
    const { world, delivery: came } = delivery();
    const plain = stepWith(came);
    const seen = look(came, everyone(world).topic).map(checked);
    const [a, b, c] = came.envelopes;
    const [first, second, third] = seen;
    if (a === undefined || b === undefined || c === undefined) throw new Error('there are three');
    if (first?.opened === undefined || second?.opened === undefined || third === undefined)
      throw new Error('all opened');
    const mixed = new Map([
      [a, { ...first, opened: second.opened, passed: second.opened.check }],
      [b, { ...second, opened: first.opened, passed: first.opened.check }],
      [c, third],
    ]);
    expect(stepWith(came, mixed).effects).toEqual(plain.effects);
    const { epoch } = first.opened;
    const other = { ...first, opened: { ...first.opened, epoch: { ...epoch } } };
    // Its check would pass; that it was opened by what is no key of this room any more is what counts.
    expect(
      stepWith(came, new Map([[a, { ...other, opened: { ...other.opened, entry: second.opened.entry } }]])).effects,
    ).toEqual(plain.effects);
  });

  it('an entry that somebody else signed is refused, though that signature was checked with their own key and passed', () => {
    const { world, delivery: came } = delivery();
    const room = everyone(world).id;
    const author = world.device(0).self;
    const other = world.device(1).self.keys.sign;
    const forged = makeEntry(other, room, {
      device: author.device,
      seq: 9,
      previous: entryId.of(new Uint8Array(32)),
      heads: [],
      timeMs: came.nowMs,
      control: [],
      body: encodeBody({ type: 'text', text: 'not by them' }),
      salt: new Uint8Array(16),
    });
    const envelope = sealed(world, 0, forged);
    const { topic } = everyone(world);
    const opened = openAhead(came.state, topic, envelope, came.nowMs);
    if (opened === undefined) throw new Error('it opens');
    expect(passes(opened.check)).toBe(false);
    const check = { ...opened.check, publicKey: other.publicKey };
    expect(passes(check)).toBe(true);
    const frame = { type: 'deliver' as const, topic, items: [[99, came.nowMs, envelope] as const] };
    const ahead = new Map([[envelope, { id: idOfEnvelope(envelope), opened: { ...opened, check }, passed: check }]]);
    const made = stepWith({ ...came, event: { ...came.event, frame } }, ahead);
    expect(made.refused).toEqual(['bad-signature']);
  });

  it('a whole run comes out the same', () => {
    const run = (isAhead: boolean) => {
      const world = new World(11, { members: 3, relays: 2 });
      let aheads = 0;
      if (isAhead)
        world.engine = {
          ...world.engine,
          step: (state, event, args) => {
            const looked = new Map<Bytes, Ahead>();
            if (event.type === 'frame' && event.frame.type === 'deliver')
              for (const [, , envelope] of event.frame.items) {
                const opened = openAhead(state, event.frame.topic, envelope, args.nowMs);
                if (opened === undefined) continue;
                aheads += 1;
                looked.set(envelope, { id: idOfEnvelope(envelope), opened, passed: opened.check });
              }
            return step(state, event, { ...args, ahead: looked });
          },
        };
      world.startAll();
      world.run(3_000);
      for (let i = 0; i < 12; i++) {
        if (world.device(i % 3).state !== undefined) write(world, i % 3, `text ${i}`);
        if (i === 4) world.crash(2);
        if (i === 9) world.start(2);
        world.run(400);
      }
      world.run(20_000);
      return { aheads, texts: world.devices.map(textsOf), rows: world.devices.map(({ vault }) => vault.load()) };
    };
    const plain = run(false);
    const ahead = run(true);
    expect(ahead.aheads).toBeGreaterThan(20);
    expect(ahead.texts).toEqual(plain.texts);
    expect(ahead.rows).toEqual(plain.rows);
  });
});
