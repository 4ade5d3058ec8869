/** The stores without a screen: what they keep, what they throw away, and what they never hold. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Api, Link } from '../../../renderer/api.ts';
import { isInFront } from '../../../renderer/state/alarm.ts';
import { createApp } from '../../../renderer/state/app.ts';
import { searchMembers } from '../../../renderer/state/list.ts';
import { mergeMessages } from '../../../renderer/state/room.ts';
import { formatRoute, type Place, parseRoute } from '../../../renderer/state/route.ts';
import { createFakeHost, passphrase } from '../../kit/window.ts';
import { codeOf, makeAlarm, makeList, makeMessages, makePeople, memberId, roomIds } from '../../kit/windowData.ts';

afterEach(() => vi.restoreAllMocks());

async function* piecesOf(file: File): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(await file.arrayBuffer());
}

function openApp(options: Parameters<typeof createFakeHost>[0] = {}, hash = '#/') {
  const host = createFakeHost(options);
  let moved = () => {};
  let at = hash;
  const place: Place = {
    location: {
      get hash() {
        return at;
      },
      set hash(next) {
        at = next;
        moved();
      },
    },
    addEventListener: (_type, listener) => {
      moved = listener;
    },
  };
  let tellLink: (link: Link) => void = () => {};
  const api: Api = {
    // The gate is held to the table that this type is made of.
    call: host.gate as unknown as Api['call'],
    give: (name, args, file) =>
      host.give(name, args, { name: file.name, size: file.size }, piecesOf(file)) as ReturnType<Api['give']> as never,
    take: async (name, args) => {
      const reply = await host.take(name, args);
      return reply.ok ? { ok: true, value: { name: reply.value.name, how: 'saved' } } : reply;
    },
    onChange: host.onChange,
    onLink(listener) {
      tellLink = listener;
      return () => {};
    },
  };
  return { host, app: createApp(api, place), tellLink: (link: Link) => tellLink(link) };
}
const opened = (app: ReturnType<typeof openApp>['app']) =>
  vi.waitFor(() => expect(app.home.store.getState().home.value).toBeDefined());

describe('this device', () => {
  it('lets the password of a proxy through and keeps it nowhere, taken or refused, nor anything when it is locked', async () => {
    const { app, host } = openApp({}, '#/device');
    await vi.waitFor(() => expect(app.device.store.getState().device.value).toBeDefined());
    const login = { user: 'ada', password: 'sesame-42-open' };
    expect(await app.device.setProxy({ proxy: 'ftp://proxy', isOnly: true, login })).toBe(false);
    expect(app.device.store.getState().last?.problem?.code).toBe('invalid');
    expect(await app.device.setProxy({ proxy: 'http://proxy:3128', isOnly: true, login })).toBe(true);
    expect(app.device.store.getState().device.value?.proxy).toMatchObject({
      address: 'http://proxy:3128',
      hasLogin: true,
    });
    await vi.waitFor(() => expect(app.home.store.getState().home.value?.proxy).toContain('never directly'));
    expect(JSON.stringify([app.device.store.getState(), app.home.store.getState()])).not.toMatch(/sesame|ada/);
    host.setVault('locked');
    await vi.waitFor(() => expect(app.device.store.getState()).toEqual({ device: {}, busy: false, last: undefined }));
  });
});

describe('the vault', () => {
  it('takes a passphrase without keeping it, right or wrong', async () => {
    const { app } = openApp({ vault: 'locked' });
    expect(await app.vault.unlock('not the passphrase')).toBe(false);
    expect(app.vault.store.getState().refused?.code).toBe('wrong-passphrase');
    expect(await app.vault.unlock(passphrase)).toBe(true);
    await opened(app);
    const everything = JSON.stringify(
      Object.values(app).map((part) =>
        typeof part === 'function' ? '' : 'store' in part ? part.store.getState() : part.getState(),
      ),
    );
    expect(everything).toContain('Nordhavn');
    expect(everything).not.toContain(passphrase);
    expect(everything).not.toContain('not the passphrase');
  });

  it('takes everything that was read with it when it closes, drafts too', async () => {
    const { app, host } = openApp({}, `#/room/${roomIds.incident}`);
    await vi.waitFor(() => expect(app.room.store.getState().room.value).toBeDefined());
    app.room.write(roomIds.incident, 'half a thought');
    host.setVault('locked');
    await vi.waitFor(() => expect(app.home.store.getState().home.value).toBeUndefined());
    expect(app.room.store.getState()).toMatchObject({ room: {}, drafts: {} });
  });
});

describe('what was on the screen', () => {
  it('is said once, and again if it was not heard', async () => {
    const { app, host } = openApp({}, `#/room/${roomIds.incident}`);
    await vi.waitFor(() => expect(app.room.store.getState().room.value).toBeDefined());
    const [first = '', second = ''] = (app.room.store.getState().room.value?.messages ?? []).map(({ entry }) => entry);
    const said = () => host.calls.filter((name) => name === 'room.seen').length;
    host.failOn('room.seen');
    await app.room.seen([first]);
    expect([said(), host.seen.size]).toEqual([1, 0]);
    host.failOn(undefined);
    await app.room.seen([first]);
    await app.room.seen([first]);
    expect([said(), [...host.seen]]).toEqual([2, [first]]);
    await app.room.seen([first, second]);
    expect([said(), [...host.seen]]).toEqual([3, [first, second]]);
  });
});

describe('the relay on this machine', () => {
  it('is still seen when the vault closes, and what the vault knew of it is not', async () => {
    const { app, host } = openApp();
    await opened(app);
    await app.relay.start({ address: '192.0.2.44', name: 'Laptop' });
    expect(app.relay.store.getState().relay.value?.known?.name).toBe('Laptop');
    host.setVault('locked');
    await vi.waitFor(() => {
      const { value } = app.relay.store.getState().relay;
      expect([value?.state, value?.known]).toEqual(['running', undefined]);
    });
  });

  it('says why it did not start, and shows at once that stopping stopped it', async () => {
    const { app, host } = openApp();
    await opened(app);
    host.failOn('relay.start');
    await app.relay.start({ address: '192.0.2.44', name: 'Laptop' });
    expect(app.relay.store.getState()).toMatchObject({ busy: false, refused: { code: 'disk' } });
    host.failOn(undefined);
    await app.relay.start({ address: '192.0.2.44', name: 'Laptop' });
    expect(app.relay.store.getState().refused).toBeUndefined();
    await app.relay.stop();
    expect(app.relay.store.getState().relay.value?.state).toBe('off');
  });
});

describe('a draft', () => {
  it('stays when it could not be saved, and goes when it was', async () => {
    const { app, host } = openApp({}, `#/room/${roomIds.incident}`);
    await opened(app);
    app.room.write(roomIds.incident, 'hold the line');
    host.failOn('room.send');
    expect(await app.room.send(roomIds.incident)).toBe(false);
    expect(app.room.store.getState()).toMatchObject({
      drafts: { [roomIds.incident]: 'hold the line' },
      refused: { code: 'disk' },
    });
    host.failOn(undefined);
    expect(await app.room.send(roomIds.incident)).toBe(true);
    expect(app.room.store.getState().drafts[roomIds.incident]).toBe('');
    expect(app.room.store.getState().room.value?.messages.at(-1)).toMatchObject({ text: 'hold the line', relays: 0 });
  });
});

describe('a reading', () => {
  it('that fails leaves what was there, marked', async () => {
    const { app, host } = openApp();
    await opened(app);
    host.failOn('home.read');
    await app.home.refresh();
    expect(app.home.store.getState().home).toMatchObject({
      value: { organisation: { name: 'Nordhavn Energi' } },
      problem: { code: 'disk' },
    });
  });

  it('is done again when the line comes back', async () => {
    const { app, host, tellLink } = openApp();
    await opened(app);
    tellLink('lost');
    host.calls.length = 0;
    tellLink('up');
    await vi.waitFor(() => expect(host.calls).toContain('home.read'));
  });
});

describe('older messages', () => {
  const now = Date.now();
  const all = makeMessages(now, makePeople(12));
  it('stay above what is read anew, once each', () => {
    const fresh = all.slice(4).map((each) => ({ ...each, relays: 3 }));
    const merged = mergeMessages(all, fresh);
    expect(merged.map(({ entry }) => entry)).toEqual(all.map(({ entry }) => entry));
    expect(merged.at(-1)?.relays).toBe(3);
  });
  it('give way when there is a gap between them and the new ones', () => {
    expect(mergeMessages(all.slice(0, 3), all.slice(5))).toEqual(all.slice(5));
  });
});

describe('an alarm', () => {
  const alarm = makeAlarm(Date.now(), 12);
  const asked = { ...alarm, standInFor: [{ member: memberId(4), name: 'E', role: 'Network' }] };
  it('is in front until it is put aside, and again when it asks for more', async () => {
    const { app } = openApp({ alarm: 'running' });
    const { store, putAside } = app.alarm;
    expect(isInFront(store.getState(), alarm)).toBe(true);
    putAside(alarm);
    expect(isInFront(store.getState(), alarm)).toBe(false);
    expect(isInFront(store.getState(), asked)).toBe(true);
    putAside(asked);
    expect(isInFront(store.getState(), alarm)).toBe(false);
  });
  it('that was answered elsewhere does not come up, nor one that is over', () => {
    const { app } = openApp();
    expect(isInFront(app.alarm.store.getState(), { ...alarm, answered: 'there' })).toBe(false);
    expect(isInFront(app.alarm.store.getState(), { ...asked, state: 'closed' })).toBe(false);
    expect(isInFront(app.alarm.store.getState(), undefined)).toBe(false);
  });
  it('keeps asking when the answer was not saved', async () => {
    const { app, host } = openApp({ alarm: 'running' });
    await opened(app);
    host.failOn('alarm.acknowledge');
    expect(await app.alarm.acknowledge(alarm.drill, 'there')).toBe(false);
    expect(app.home.store.getState().home.value?.alarm?.answered).toBeUndefined();
    expect(app.alarm.store.getState()).toMatchObject({ refused: { code: 'disk' }, sending: undefined });
  });
});

describe('comparing keys', () => {
  it('records nothing that could not be saved, and keeps nothing of it when the vault closes', async () => {
    const { app, host } = openApp({}, '#/list');
    await opened(app);
    await app.compare.show(memberId(4));
    expect(app.compare.store.getState().comparison.value?.words).toHaveLength(8);
    host.failOn('member.confirm');
    expect(await app.compare.note(memberId(4), 'words', true)).toBe(false);
    expect(app.compare.store.getState()).toMatchObject({ refused: { code: 'disk' }, sending: false });
    host.failOn(undefined);
    expect(await app.compare.note(memberId(4), 'words', true)).toBe(true);
    await vi.waitFor(() =>
      expect(app.list.store.getState().list.value?.members[4]?.compared).toMatchObject({ how: 'words' }),
    );
    host.setVault('locked');
    await vi.waitFor(() => expect(app.compare.store.getState()).toMatchObject({ comparison: {} }));
  });

  it('tells a wrong code from what is no code', async () => {
    const { app } = openApp();
    await opened(app);
    expect(await app.compare.check(memberId(4), codeOf(4))).toBe(true);
    expect(await app.compare.check(memberId(4), codeOf(5))).toBe(false);
    expect(app.compare.store.getState().refused).toBeUndefined();
    expect(await app.compare.check(memberId(4), 'https://example.org')).toBeUndefined();
    expect(app.compare.store.getState().refused?.code).toBe('invalid');
  });
});

describe('who is in a room', () => {
  it('is read again after a change, and a change that failed says why', async () => {
    const { app, host } = openApp({}, `#/room/${roomIds.incident}`);
    await vi.waitFor(() => expect(app.room.store.getState().room.value?.members).toHaveLength(6));
    expect(await app.room.change(roomIds.incident, 'remove', [memberId(4)])).toBeUndefined();
    expect(app.room.store.getState().room.value?.members.map(({ member }) => member)).not.toContain(memberId(4));
    host.failOn('room.heal');
    expect(await app.room.heal(roomIds.incident)).toMatchObject({ code: 'disk' });
  });
});

describe('a search', () => {
  const { members } = makeList(Date.now(), makePeople(12));
  it.each([
    ['lefevre', 'Françoise Lefèvre'],
    ['NETWORK emeka', 'Emeka Okafor'],
    ['novak', 'Jan Novák'],
    ['郭', '郭雪'],
  ])('for %s finds %s', (search, name) => {
    expect(searchMembers(members, search).map((member) => member.name)).toEqual([name]);
  });
  it('for nothing finds everyone', () => {
    expect(searchMembers(members, '  ')).toHaveLength(12);
  });
});

describe('an address', () => {
  it.each(['#/', '#/list', '#/relay', '#/reports', '#/room/0a1b', '#/report/0a1b'])(
    '%s leads there and back',
    (hash) => {
      expect(formatRoute(parseRoute(hash))).toBe(hash);
    },
  );
  it.each(['', '#', '#/room', '#/room/', '#/room/../x', '#/nowhere', '#/report/<b>'])('%s leads home', (hash) => {
    expect(parseRoute(hash)).toEqual({ screen: 'home' });
  });
});
