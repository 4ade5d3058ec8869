/** Rooms. */
import { derive } from '../../../src/core/key.ts';
import { redactList } from '../../../src/core/list.ts';
import { drillRoom, makeRoom, orgRoom } from '../../../src/core/room.ts';
import { hash } from '../../../src/core/verify.ts';
import { type Bytes, fromHex, hex } from '../../../src/wire/bytes.ts';
import type { Input, Vector } from '../subject.ts';
import { bad, flip, nowMs, ofSuite, ok, type Scene } from './scene.ts';

export function roomVectors(scene: Scene): readonly Vector[] {
  const { founded, ada, bela, random } = scene;
  const room = makeRoom(
    founded.list,
    { kind: 'incident', title: 'Ransom note', members: [ada.member, bela.member], founder: ada.device },
    nowMs,
    random,
  );
  const listBytes = redactList(
    founded.listBytes,
    (body) => body.type === 'member' || body.type === 'relay' || body.type === 'drill',
  );
  const input = (bytes: Bytes): Input => ({ genesis: hex(bytes), list: hex(listBytes) });
  const [plan] = founded.list.drills;
  if (plan === undefined) throw new Error('the list has a drill');
  const everyone = orgRoom(founded.list);
  const drill = drillRoom(founded.list, plan);
  const following = ({ genesis }: typeof everyone, kind: string, title: string) => ({
    id: hex(hash('room', genesis)),
    topic: hex(derive(hash('room', genesis), 'topic-room', 32)),
    kind,
    title,
  });
  const orgAt = hex(room.genesis).indexOf(founded.list.org) / 2;
  const [low, high] = [ada.member, bela.member].sort();
  const swapped = hex(room.genesis).replace(`5820${low}5820${high}`, `5820${high}5820${low}`);
  return [
    ok('of an incident', input(room.genesis), {
      id: hex(hash('room', room.genesis)),
      topic: hex(derive(hash('room', room.genesis), 'topic-room', 32)),
      kind: 'incident',
      title: 'Ransom note',
      members: [low, high],
      founder: ada.device,
    }),
    ok('of everyone, as it follows from the list', input(everyone.genesis), following(everyone, 'org', 'Everyone')),
    ok('of a drill, as it follows from the list', input(drill.genesis), {
      ...following(drill, 'drill', 'Drill'),
      drill: plan.id,
    }),
    bad('suite 2', 'unknown-suite', input(ofSuite(room.genesis, 2))),
    bad('of another organisation', 'wrong-organisation', input(flip(room.genesis, orgAt))),
    bad('members out of order', 'malformed', input(fromHex(swapped))),
    bad('cut short', 'malformed', input(room.genesis.subarray(0, -1))),
  ];
}
