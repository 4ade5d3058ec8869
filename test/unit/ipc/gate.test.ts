/** The gate against windows that lie and handlers that break. */
import { describe, expect, it } from 'vitest';
import type { Handlers } from '../../../src/ipc/contract.ts';
import { createGate, createGiveGate, createTakeGate, type GateLine } from '../../../src/ipc/gate.ts';
import { CallerFault } from '../../../src/wire/fault.ts';
import { fakeHandlers } from '../../kit/window.ts';

const room = 'ab'.repeat(16);

function withHandlers(some: Partial<Handlers>) {
  const lines: GateLine[] = [];
  const gate = createGate({ ...fakeHandlers(), ...some }, (line) => lines.push(line));
  return { gate, lines };
}

describe('what the gate refuses', () => {
  it.each(['nope', '', 'constructor', '__proto__', 'toString', 7, null, undefined, {}, ['vault.status']])(
    'unknown call %j',
    async (name) => {
      const { gate, lines } = withHandlers({});
      expect(await gate(name, {})).toMatchObject({ ok: false, code: 'invalid' });
      expect(lines).toEqual([]);
    },
  );

  it.each([
    ['no arguments', 'room.send', undefined],
    ['a missing field', 'room.send', { room }],
    ['a field too many', 'room.send', { room, text: 'hello', as: 'someone else' }],
    ['an id that is no id', 'room.send', { room: '../etc', text: 'hello' }],
    ['empty text', 'room.send', { room, text: '  \n ' }],
    ['text beyond the limit', 'room.send', { room, text: 'x'.repeat(8001) }],
    ['an answer that does not exist', 'alarm.acknowledge', { drill: room, answer: 'maybe' }],
    ['nothing that was seen', 'room.seen', { room, entries: [] }],
    ['more seen than fits a screen', 'room.seen', { room, entries: Array.from({ length: 201 }, () => room) }],
    ['an entry that is no id', 'room.seen', { room, entries: [room, '../etc'] }],
    ['a fractional limit', 'room.read', { room, limit: 1.5 }],
    ['too large a limit', 'room.read', { room, limit: 201 }],
    ['a page before and around at once', 'room.read', { room, before: room, around: room, limit: 50 }],
    ['a search of ten thousand characters', 'search.read', { text: 'x'.repeat(10_000), limit: 50 }],
    ['a search that is no text', 'search.read', { text: ['x'], limit: 50 }],
    ['a search in a room that is no room', 'search.read', { text: 'x', room: '" OR room : "', limit: 50 }],
    ['a search from a place before the first', 'search.read', { text: 'x', before: 0, limit: 50 }],
    ['a search for more than a page', 'search.read', { text: 'x', limit: 201 }],
    ['nobody to put out', 'room.remove', { room, members: [] }],
    ['more people than go at once', 'room.add', { room, members: Array.from({ length: 65 }, () => room) }],
    ['a way to compare that does not exist', 'member.confirm', { member: room, how: 'hunch', holds: true }],
    ['a comparison without its outcome', 'member.confirm', { member: room, how: 'words' }],
    ['a code longer than any', 'member.check', { member: room, code: 'x'.repeat(201) }],
    ['arguments where none belong', 'vault.status', { extra: 1 }],
    ['a name in the place of an address', 'relay.start', { address: 'relay.example', name: 'R' }],
    ['an address with a port in it', 'relay.start', { address: '192.0.2.1:7443', name: 'R' }],
    ['an address with a card in it', 'relay.start', { address: 'fe80::1%eth0', name: 'R' }],
    ['an address of many', 'relay.start', { address: '192.0.2.0/24', name: 'R' }],
    ['an address as a list', 'relay.start', { address: ['192.0.2.1'], name: 'R' }],
    ['port 0', 'relay.start', { address: '192.0.2.1', port: 0, name: 'R' }],
    ['a port beyond the last', 'relay.start', { address: '192.0.2.1', port: 65_536, name: 'R' }],
    ['a port as text', 'relay.start', { address: '192.0.2.1', port: '7443', name: 'R' }],
    ['a relay without a name', 'relay.start', { address: '192.0.2.1', name: ' ' }],
    ['a name longer than any', 'relay.start', { address: '192.0.2.1', name: 'x'.repeat(81) }],
    ['a folder for the relay', 'relay.start', { address: '192.0.2.1', name: 'R', dataDir: '/' }],
    ['something to stop', 'relay.stop', { force: true }],
    ['reading told perhaps', 'reading.set', { tells: 'perhaps' }],
    ['reading told of one room', 'reading.set', { tells: true, room }],
    ['no proxy at all', 'proxy.set', { proxy: ' ', isOnly: false }],
    ['a proxy as a list', 'proxy.set', { proxy: ['none'], isOnly: false }],
    ['a proxy without end', 'proxy.set', { proxy: 'x'.repeat(2049), isOnly: false }],
    ['a proxy that may or may not be the only way', 'proxy.set', { proxy: 'none' }],
    ['a login that is a word', 'proxy.set', { proxy: 'proxy:1', isOnly: false, login: 'mine' }],
    ['a name without a password', 'proxy.set', { proxy: 'proxy:1', isOnly: false, login: { user: 'ada' } }],
    [
      'a password without end',
      'proxy.set',
      { proxy: 'p:1', isOnly: false, login: { user: 'a', password: 'x'.repeat(2049) } },
    ],
    ['somebody else’s proxy', 'proxy.set', { proxy: 'proxy:1', isOnly: false, dir: '/' }],
    ['a file without its room', 'file.fetch', { entry: room }],
    ['a file by its path', 'file.drop', { room, entry: '/etc/passwd' }],
    ['a file and where to', 'file.offer', { room, entry: room, path: '/tmp' }],
  ])('%s', async (_what, name, args) => {
    const refuse = () => {
      throw new Error('a handler ran with arguments that were not checked');
    };
    const { gate } = withHandlers({
      'room.send': refuse,
      'alarm.acknowledge': refuse,
      'room.read': refuse,
      'search.read': refuse,
      'file.fetch': refuse,
      'file.offer': refuse,
      'file.drop': refuse,
      'room.add': refuse,
      'room.remove': refuse,
      'member.check': refuse,
      'member.confirm': refuse,
      'vault.status': refuse,
      'reading.set': refuse,
      'proxy.set': refuse,
      'relay.start': refuse,
      'relay.stop': refuse,
    });
    expect(await gate(name, args)).toMatchObject({ ok: false, code: 'invalid' });
  });
});

describe('a file that is given', () => {
  async function* pieces(...sizes: number[]) {
    for (const size of sizes) yield new Uint8Array(size);
  }
  const read = async (facts: unknown, ...sizes: number[]) => {
    let got = 0;
    const gate = createGiveGate({
      'file.send': () => ({ entry: '' }),
      'courier.read': async (_args, given) => {
        for await (const piece of given.pieces) got += piece.length;
        return { envelopes: got, fresh: 0, known: 0, foreign: 0, entries: 0, has: 0 };
      },
    });
    return { reply: await gate('courier.read', {}, facts, pieces(...sizes)), got };
  };

  it.each([
    ['nothing said of it', undefined],
    ['no name', { name: '', size: 1 }],
    ['a name without end', { name: 'x'.repeat(1025), size: 1 }],
    ['a size that is none', { name: 'a', size: Number.NaN }],
    ['a size below nothing', { name: 'a', size: -1 }],
    ['a size beyond all', { name: 'a', size: 2 ** 40 }],
    ['a path beside its name', { name: 'a', size: 1, path: '/etc/passwd' }],
  ])('is not read: %s', async (_what, facts) => {
    const { reply, got } = await read(facts, 1);
    expect([reply.ok, got]).toEqual([false, 0]);
  });

  it('is held to its size, whether it ends early or goes on', async () => {
    expect((await read({ name: 'a', size: 10 }, 4, 5)).reply).toMatchObject({ ok: false, code: 'invalid' });
    const longer = await read({ name: 'a', size: 10 }, 8, 8, 8);
    expect(longer.reply).toMatchObject({ ok: false, code: 'invalid' });
    expect(longer.got).toBe(8);
    expect((await read({ name: 'a', size: 10 }, 4, 6)).reply).toMatchObject({ ok: true });
    expect((await read({ name: 'a', size: 0 })).reply).toMatchObject({ ok: true });
  });

  it('goes nowhere under another name, and none comes out under one', async () => {
    const refuse = () => {
      throw new Error('a handler ran with arguments that were not checked');
    };
    const give = createGiveGate({ 'courier.read': refuse, 'file.send': refuse });
    const take = createTakeGate({ 'courier.pack': refuse, 'courier.have': refuse, 'file.save': refuse });
    for (const name of ['room.send', 'courier.pack', '__proto__', 7, undefined])
      expect(await give(name, {}, { name: 'a', size: 0 }, pieces()), String(name)).toMatchObject({ code: 'invalid' });
    expect(await give('courier.read', { path: '/' }, { name: 'a', size: 0 }, pieces())).toMatchObject({ ok: false });
    for (const args of [{}, { lacking: 'yes' }, { lacking: true, path: '/tmp/x' }, undefined])
      expect(await take('courier.pack', args)).toMatchObject({ ok: false, code: 'invalid' });
    for (const args of [{}, { room }, { room, entry: '../../etc/passwd' }, { room, entry: room, path: '/tmp/x' }])
      expect(await take('file.save', args)).toMatchObject({ ok: false, code: 'invalid' });
    for (const args of [{}, { room: '..' }, { room, path: '/etc/passwd' }])
      expect(await give('file.send', args, { name: 'a', size: 0 }, pieces())).toMatchObject({ code: 'invalid' });
  });
});

describe('what comes back', () => {
  it('is the value of the handler, given checked arguments only', async () => {
    let seen: unknown;
    const { gate } = withHandlers({
      'room.send': (args) => {
        seen = args;
        return { entry: 'e1' };
      },
    });
    expect(await gate('room.send', { room, text: '  hello  ' })).toEqual({ ok: true, value: { entry: 'e1' } });
    expect(seen).toEqual({ room, text: 'hello' });
  });

  it('is code and text of a fault', async () => {
    const { gate, lines } = withHandlers({
      'vault.unlock': () => {
        throw new CallerFault('wrong-passphrase', 'This passphrase does not open the vault.');
      },
    });
    expect(await gate('vault.unlock', { passphrase: 'x' })).toEqual({
      ok: false,
      code: 'wrong-passphrase',
      text: 'This passphrase does not open the vault.',
    });
    expect(lines).toEqual([{ call: 'vault.unlock', code: 'wrong-passphrase' }]);
  });

  it('is a coarse sentence for anything else, and neither reply nor log quotes what was given', async () => {
    const passphrase = 'correct horse battery staple';
    const { gate, lines } = withHandlers({
      'vault.unlock': async (args) => {
        throw new Error(`could not open with ${args.passphrase}`);
      },
    });
    const reply = await gate('vault.unlock', { passphrase });
    expect(reply).toMatchObject({ ok: false, code: 'broken' });
    expect(JSON.stringify([reply, lines])).not.toContain('horse');
    expect(lines).toEqual([{ call: 'vault.unlock', code: 'broken' }]);
  });

  it('is a reply even when a handler throws something that is no error', async () => {
    const { gate } = withHandlers({ 'list.read': () => Promise.reject(undefined) });
    expect(await gate('list.read', {})).toMatchObject({ ok: false, code: 'broken' });
  });
});
