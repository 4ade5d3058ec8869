/** The search without a screen: what is asked, what is thrown away, and where an answer leads. */
import { describe, expect, it, vi } from 'vitest';
import type { Api } from '../../../renderer/api.ts';
import { createRoom } from '../../../renderer/state/room.ts';
import { formatRoute, parseRoute } from '../../../renderer/state/route.ts';
import { answersOf, createSearch } from '../../../renderer/state/search.ts';
import type { SearchView } from '../../../src/ipc/view.ts';
import { createFakeHost } from '../../kit/window.ts';
import { id, roomIds } from '../../kit/windowData.ts';

const answer = (entry: string, place: number): SearchView['messages'][number] => ({
  room: roomIds.org,
  title: 'Everyone',
  entry,
  authorName: 'A',
  atMs: 1,
  text: entry,
  hits: [],
  place,
});

/** Answers when the test says so. */
function heldApi() {
  const asked: { args: { text: string; before?: number }; answer: (view: SearchView) => void }[] = [];
  const call = (_name: string, args: { text: string }) =>
    new Promise((resolve) => asked.push({ args, answer: (value) => resolve({ ok: true, value }) }));
  // Only this one call is made.
  return { asked, search: createSearch({ call } as unknown as Api) };
}
const view = (...entries: string[]): SearchView => ({
  rooms: [],
  messages: entries.map((entry, n) => answer(entry, 90 - n)),
  more: false,
});

describe('a search', () => {
  it('of ten thousand characters is not asked, nor is one of none', async () => {
    const { asked, search } = heldApi();
    search.open(undefined, false);
    search.write('x'.repeat(10_000));
    search.write('   ');
    await Promise.resolve();
    expect(asked).toEqual([]);
  });

  it('has one question on its way, and then the last that was typed', async () => {
    const { asked, search } = heldApi();
    search.open(undefined, false);
    for (const text of ['p', 'po', 'por', 'port']) search.write(text);
    expect(asked.map(({ args }) => args.text)).toEqual(['p']);
    asked[0]?.answer(view('of p'));
    await vi.waitFor(() => expect(asked.map(({ args }) => args.text)).toEqual(['p', 'port']));
    expect(search.store.getState().found).toBeUndefined();
    asked[1]?.answer(view('of port'));
    await vi.waitFor(() => expect(search.store.getState()).toMatchObject({ asked: 'port', waits: false }));
    expect(answersOf(search.store.getState().found)).toEqual([{ room: roomIds.org, entry: 'of port' }]);
  });

  it('that was shut shows nothing of what comes after', async () => {
    const { asked, search } = heldApi();
    search.open(undefined, false);
    search.write('port');
    search.shut();
    asked[0]?.answer(view('late'));
    await Promise.resolve();
    await Promise.resolve();
    expect(search.store.getState()).toMatchObject({ open: false, text: '', found: undefined });
  });

  it('points round, and goes on behind the last answer', async () => {
    const { asked, search } = heldApi();
    search.open(undefined, false);
    search.write('port');
    asked[0]?.answer({ ...view('a', 'b'), more: true });
    await vi.waitFor(() => expect(search.store.getState().found).toBeDefined());
    search.move(-1);
    expect(search.store.getState().at).toBe(1);
    search.move(1);
    expect(search.store.getState().at).toBe(0);
    const more = search.more();
    expect(asked[1]?.args).toMatchObject({ text: 'port', before: 89 });
    asked[1]?.answer(view('c'));
    await more;
    expect(answersOf(search.store.getState().found).map(({ entry }) => entry)).toEqual(['a', 'b', 'c']);
  });
});

describe('a message that was looked for', () => {
  it('is an address, and what is no id is none', () => {
    const route = { screen: 'room', id: roomIds.org, entry: id(4, 7) } as const;
    expect(parseRoute(formatRoute(route))).toEqual(route);
    expect(parseRoute(`#/room/${roomIds.org}/../x`)).toEqual({ screen: 'room', id: roomIds.org });
    expect(parseRoute(`#/room/${roomIds.org}/"><b>`)).toEqual({ screen: 'room', id: roomIds.org });
  });

  it('is shown among its neighbours, from where one goes on to the end', async () => {
    const host = createFakeHost();
    for (let n = 0; n < 120; n++) host.hear(roomIds.org, 1, `line ${n}`);
    // The gate is held to the table that this type is made of.
    const room = createRoom({ call: host.gate } as unknown as Api);
    const texts = () => room.store.getState().room.value?.messages.map(({ text }) => text) ?? [];
    await room.show(roomIds.org, id(4, 150));
    expect(texts()).toHaveLength(50);
    expect(texts()).toContain('line 50');
    expect(room.store.getState().room.value).toMatchObject({ newer: true });
    // Something new comes meanwhile: it is not put in where it does not belong.
    host.hear(roomIds.org, 1, 'much later');
    await room.refresh();
    expect(texts()).not.toContain('much later');
    for (let n = 0; n < 9 && room.store.getState().room.value?.newer === true; n++) await room.showNewer();
    const lines = texts();
    expect(lines.slice(-2)).toEqual(['line 119', 'much later']);
    expect(new Set(lines).size).toBe(lines.length);
    host.hear(roomIds.org, 1, 'latest');
    await room.refresh();
    expect(texts().at(-1)).toBe('latest');
  });

  it('gives way to the end of the room when one writes, and says so when it is gone', async () => {
    const host = createFakeHost();
    for (let n = 0; n < 120; n++) host.hear(roomIds.org, 1, `line ${n}`);
    const room = createRoom({ call: host.gate } as unknown as Api);
    await room.show(roomIds.org, id(4, 150));
    room.write(roomIds.org, 'mine');
    expect(await room.send(roomIds.org)).toBe(true);
    expect(room.store.getState().room.value?.messages.at(-1)?.text).toBe('mine');
    await room.show(roomIds.org, id(4, 9_999));
    expect(room.store.getState().room.problem?.text).toContain('not on this device any more');
  });
});
