/** SIGKILL of any relay at any moment loses nothing that a screen showed as sent. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Responder } from '../../src/responder/responder.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { Live, reaches } from '../kit/live.ts';
import { seeded } from '../kit/random.ts';
import { until } from '../kit/until.ts';

let live: Live;
beforeEach(async () => {
  live = await Live.found({ members: 3, relays: 3 });
  await live.startRelays();
}, 60_000);
afterEach(() => live.end());

const messagesAt = (device: Responder) => viewRoom(device, live.everyone, undefined, 200).messages;
const shownAsSent = (device: Responder) => messagesAt(device).filter((each) => each.own && each.relays >= 1);

describe('a relay that is killed', () => {
  it('at random moments under load takes nothing with it that was shown as sent', async () => {
    const random = seeded(20);
    const devices = await Promise.all([live.open(0), live.open(1), live.open(2)]);
    for (const device of devices) await reaches(device, 3);
    const shown = new Set<string>();
    for (let round = 0; round < 12; round++) {
      const victim = Math.floor(random.next() * 3);
      const author = devices[round % 3];
      if (author === undefined) throw new Error('no author');
      const sending = Array.from({ length: 8 }, (_, i) =>
        author.command({ type: 'send-text', room: live.everyone, text: `round ${round} text ${i}` }),
      );
      // Between no time and the time a whole append takes: before, during and after the commit.
      await until(
        () => shownAsSent(author).length >= Math.floor(random.next() * 8) * (round % 2),
        'some are sent',
        10_000,
      );
      await live.killRelay(victim);
      await Promise.all(sending);
      for (const device of devices) for (const message of shownAsSent(device)) shown.add(message.entry);
      await live.startRelay(victim);
    }
    expect(shown.size).toBeGreaterThan(30);
    for (const device of devices) {
      await until(
        () => [...shown].every((entry) => messagesAt(device).some((message) => message.entry === entry)),
        'everything that was shown as sent is on every device',
        30_000,
      );
    }
    // And in the end all of it, sent or not, is everywhere: what was not sent was kept.
    for (const device of devices)
      await until(
        () => messagesAt(device).filter((each) => each.kind === 'text').length === 96,
        'all 96 texts are there',
        30_000,
      );
  }, 120_000);

  it('for good, with the only relay that answers in time, still leaves what was sent on another device', async () => {
    const author = await live.open(0);
    const reader = await live.open(1);
    for (const device of [author, reader]) await reaches(device, 3);
    await live.killRelay(0);
    await live.killRelay(1);
    await until(
      () => [...author.state.relays.values()].filter((relay) => relay.up).length === 1,
      'two relays are gone',
      20_000,
    );
    await author.command({ type: 'send-text', room: live.everyone, text: 'by the last one' });
    await until(() => messagesAt(reader).some((each) => each.text === 'by the last one'), 'the reader has it', 20_000);
    await until(() => shownAsSent(author).at(-1)?.relays === 1, 'the author is told', 10_000);
    await live.killRelay(2);
    await author.command({ type: 'send-text', room: live.everyone, text: 'with none left' });
    const last = messagesAt(author).at(-1);
    expect(last).toMatchObject({ text: 'with none left', relays: 0, devices: 1 });
    // One comes back with an empty hand: whoever has the entry brings it.
    await live.startRelay(0);
    const late = await live.open(2);
    await until(
      () => messagesAt(late).some((each) => each.text === 'with none left'),
      'the late one has what waited',
      30_000,
    );
    await until(
      () => messagesAt(late).some((each) => each.text === 'by the last one'),
      'the late one has what was sent before',
      30_000,
    );
  }, 90_000);
});
