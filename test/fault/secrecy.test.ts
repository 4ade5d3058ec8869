/** What relays have on disk and what crosses to them, searched for everything the demo's people wrote and are called. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messages } from '../../src/cli/demo/messages.ts';
import { searchFiles } from '../../src/cli/demo/search.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { Live, quickDrill, reaches } from '../kit/live.ts';
import { until } from '../kit/until.ts';
import { tapWire } from '../kit/wiretap.ts';

let live: Live;
const tap = tapWire();

beforeAll(async () => {
  live = await Live.found({
    members: 12,
    relays: 2,
    drills: (nowMs) => [{ ...quickDrill(nowMs + 12_000, ['ada', 'bela']), closeAfterMs: 60_000 }],
  });
  await live.startRelays();
  const devices = await Promise.all([live.open(0, tap.ports), live.open(1, tap.ports), live.open(2, tap.ports)]);
  for (const device of devices) await reaches(device, 2);
  const [ada, , cleo] = devices;
  const members = live.list.members.slice(0, 3).map((member) => member.id);
  const { room } = await ada.command({ type: 'create-room', title: 'Domain takeover', members });
  for (const text of Object.values(messages)) await ada.command({ type: 'send-text', room, text });
  await until(
    () =>
      cleo.state.rooms.has(room) &&
      viewRoom(cleo, room, undefined, 50).messages.length === Object.values(messages).length,
    'the texts arrive',
    20_000,
  );
  const [plan] = live.list.drills;
  if (plan === undefined) throw new Error('no drill');
  await until(
    () => devices.every((device) => device.state.drills.get(plan.id)?.opened !== undefined),
    'the drill is open',
    30_000,
  );
  await ada.command({ type: 'answer', drill: plan.id, answer: 'there' });
  await until(() => cleo.state.drills.get(plan.id)?.answers.size === 1, 'the answer arrives', 20_000);
}, 120_000);
afterAll(() => live.end());

const secrets = (): readonly string[] => [
  ...Object.values(messages),
  'Domain takeover',
  live.list.genesis.name,
  ...live.list.genesis.custodians.map((each) => each.name),
  ...live.list.drills.map((drill) => drill.title),
  ...live.list.members.flatMap((member) => [
    member.name ?? '',
    member.unit,
    ...(member.contacts ?? []).map((path) => path.value),
  ]),
];

describe('a relay', () => {
  it('has no text, name or number in its files', () => {
    const result = searchFiles(live.relayFiles(), secrets());
    expect(result.found).toEqual([]);
    expect(result.findsPlanted).toBe(true);
    expect(result.terms).toBeGreaterThan(40);
  });

  it('is sent none in any frame, and none of the keys that would tie frames to people', () => {
    const bytes = Buffer.concat(tap.frames);
    expect(tap.frames.length).toBeGreaterThan(50);
    const result = searchFiles([{ file: 'frames', bytes }], secrets());
    expect(result.found).toEqual([]);
    expect(result.findsPlanted).toBe(true);
    for (const device of live.list.devices.values()) {
      for (const key of [device.signKey, device.evidenceKey]) expect(bytes.includes(Buffer.from(key))).toBe(false);
    }
  });

  it('would be caught: every one of these texts is found where it is planted', () => {
    for (const secret of secrets()) {
      const bytes = Buffer.concat([Buffer.concat(tap.frames.slice(0, 9)), Buffer.from(secret), Buffer.alloc(99)]);
      expect(searchFiles([{ file: 'planted', bytes }], [secret]).found).toHaveLength(1);
    }
  });
});
