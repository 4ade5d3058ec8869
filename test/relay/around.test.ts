/** A page of a room around one message of a real vault, as a window that was led there reads it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { entryId } from '../../src/core/id.ts';
import { orgRoom } from '../../src/core/room.ts';
import type { Responder } from '../../src/responder/responder.ts';
import { viewAround, viewRoom } from '../../src/responder/roomView.ts';
import { viewSearch } from '../../src/responder/search.ts';
import { CallerFault } from '../../src/wire/fault.ts';
import { faultOf } from '../kit/fault.ts';
import { Live } from '../kit/live.ts';

let live: Live;
let device: Responder;
beforeAll(async () => {
  live = await Live.found({ members: 1, relays: 1 });
  device = await live.open(0);
  for (let n = 0; n < 12; n++) await device.command({ type: 'send-text', room: room(), text: `line ${n}` });
});
afterAll(async () => {
  device.close();
  await live.end();
});

const room = () => orgRoom(live.list).id;
const texts = (view: ReturnType<typeof viewRoom>) =>
  view.messages.filter(({ kind }) => kind === 'text').map(({ text }) => text);
const entryOf = (text: string) => {
  const [found] = viewSearch(device, `"${text}"`, { limit: 1 }).messages;
  if (found === undefined) throw new Error('not found');
  return entryId.parse(found.entry);
};

it('refuses a message that is of no room here', () => {
  const stranger = entryId.parse('ab'.repeat(32));
  expect(faultOf(() => viewAround(device, room(), stranger, 5), CallerFault)).toBe('not-found');
});

it('holds the message with its neighbours, and says where there are more', () => {
  const middle = viewAround(device, room(), entryOf('line 5'), 5);
  expect(texts(middle)).toEqual(['line 3', 'line 4', 'line 5', 'line 6', 'line 7']);
  expect([middle.more, middle.newer]).toEqual([true, true]);
  const end = viewAround(device, room(), entryOf('line 11'), 5);
  expect(texts(end)).toEqual(['line 9', 'line 10', 'line 11']);
  expect([end.more, end.newer]).toEqual([true, false]);
  const whole = viewAround(device, room(), entryOf('line 0'), 200);
  expect(texts(whole)).toEqual(texts(viewRoom(device, room(), undefined, 200)));
  expect([whole.more, whole.newer]).toEqual([false, false]);
});
