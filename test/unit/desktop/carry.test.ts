/** Files between window and main process, against a window that lies: steps of the wrong shape, of nobody, without end. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectWindow } from '../../../src/desktop/call.ts';
import { createGiving, takeOut } from '../../../src/desktop/carry.ts';
import { createGiveGate } from '../../../src/ipc/gate.ts';
import { maxPieceBytes } from '../../../src/ipc/limit.ts';
import { Broken } from '../../../src/wire/fault.ts';
import { createFakeHost } from '../../kit/window.ts';

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'muster-carry-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const none = { fresh: 0, known: 0, foreign: 0, entries: 0, has: 0 };
const room = 'ab'.repeat(16);

/** Counts what comes, and hears how it ended. */
function counting() {
  const ended: string[] = [];
  const gate = createGiveGate({
    'courier.read': async (_args, { name, pieces }) => {
      let envelopes = 0;
      try {
        for await (const piece of pieces) envelopes += piece.length;
        ended.push(`${name} whole`);
      } catch (error) {
        ended.push(`${name} cut`);
        throw error;
      }
      return { ...none, envelopes };
    },
    'file.send': () => {
      throw new Broken('io', 'The disk does not answer.');
    },
  });
  return { ended, giving: createGiving(gate) };
}
const begin = (name: string, size: number) => ['begin', 'courier.read', {}, { name, size }] as const;

describe('a window that gives', () => {
  it.each([
    ['nothing', []],
    ['a step that does not exist', ['seek', 1, 0]],
    ['a piece of nothing', ['piece', 1, new Uint8Array(1)]],
    ['the end of nothing', ['end', 1]],
    ['a ticket as text', ['end', '1']],
    ['a ticket of the prototype', ['end', '__proto__']],
  ])('%s, is refused', async (_what, step) => {
    expect(await counting().giving.step(...step)).toMatchObject({ ok: false });
  });

  it.each([
    ['text', 'abc'],
    ['a list', [1, 2, 3]],
    ['an object with a length', { length: 3 }],
    ['more than goes at once', new Uint8Array(maxPieceBytes + 1)],
  ])('%s for a piece, is refused', async (_what, bytes) => {
    const { giving } = counting();
    const begun = await giving.step(...begin('a', 3));
    expect(await giving.step('piece', begun.ok && begun.value, bytes)).toMatchObject({ ok: false });
    giving.end();
  });

  it('less or more than it said, gives nothing', async () => {
    for (const bytes of [2, 4]) {
      const { giving, ended } = counting();
      await giving.step(...begin('a', 3));
      await giving.step('piece', 1, new Uint8Array(bytes));
      expect(await giving.step('end', 1)).toMatchObject({ ok: false, code: 'invalid' });
      expect(ended).toEqual(['a cut']);
    }
  });

  it('file after file without an end of any, holds no more than four', async () => {
    const { giving, ended } = counting();
    for (let n = 0; n < 40; n++) await giving.step(...begin(`${n}`, 10));
    await expect.poll(() => ended.length).toBe(36);
    giving.end();
    await expect.poll(() => ended.length).toBe(40);
    expect(ended.filter((each) => each.endsWith('whole'))).toEqual([]);
  });

  it('whole files, gets the answer at the end, and early where nobody wants more', async () => {
    const { giving } = counting();
    await giving.step(...begin('a', 3 * maxPieceBytes));
    for (let n = 0; n < 3; n++)
      expect(await giving.step('piece', 1, new Uint8Array(maxPieceBytes))).toEqual({ ok: true, value: 1 });
    expect(await giving.step('end', 1)).toMatchObject({ ok: true, value: { envelopes: 3 * maxPieceBytes } });
    expect(await giving.step('end', 1)).toMatchObject({ ok: false });
    const refused = await giving.step('begin', 'file.send', { room }, { name: 'a', size: 9 });
    expect(await giving.step('end', refused.ok && refused.value)).toMatchObject({ ok: false, code: 'io' });
  });
});

describe('what is taken out', () => {
  const outgoing = (pieces: Iterable<Uint8Array>) => async () =>
    ({ ok: true, value: { name: 'a.txt', pieces } }) as const;

  it('goes nowhere if the person chooses no place, and asks nobody when it is refused', async () => {
    let asked = 0;
    const choose = async () => {
      asked += 1;
      return undefined;
    };
    expect(await takeOut(outgoing([]), choose, 'file.save', {})).toMatchObject({ value: { how: 'left' } });
    const refuse = async () => ({ ok: false, code: 'locked', text: 'Locked.' }) as const;
    expect(await takeOut(refuse, choose, 'file.save', {})).toMatchObject({ ok: false, code: 'locked' });
    expect(asked).toBe(1);
  });

  it('that turns out damaged half way leaves nothing behind', async () => {
    function* broken() {
      yield new Uint8Array(1000);
      throw new Broken('corrupt', 'This file is damaged on this device. Drop it and fetch it again.');
    }
    const path = join(work, 'damaged.txt');
    const reply = await takeOut(outgoing(broken()), async () => path, 'file.save', {});
    expect(reply).toMatchObject({ ok: false, code: 'corrupt' });
    expect([existsSync(path), readdirSync(work)]).toEqual([false, []]);
  });

  it('is whole, and tells the window a name and no path', async () => {
    const path = join(work, 'b.txt');
    const reply = await takeOut(outgoing([new Uint8Array([104, 105])]), async () => path, 'file.save', {});
    expect(reply).toEqual({ ok: true, value: { name: 'b.txt', how: 'saved' } });
    expect(readFileSync(path, 'utf8')).toBe('hi');
    const again = await takeOut(outgoing([new Uint8Array([1])]), async () => path, 'file.save', {});
    expect(again).toMatchObject({ ok: false, code: 'already-there' });
    expect(readFileSync(path, 'utf8')).toBe('hi');
  });
});

it('nobody but our own window gives or takes', async () => {
  const host = createFakeHost();
  const handlers = new Map<string, (event: never, ...args: unknown[]) => unknown>();
  const frame = { url: 'muster://window/', parent: null };
  const contents = { mainFrame: frame, isDestroyed: () => false, send: () => undefined };
  const end = connectWindow(
    {
      handle: (channel, listener) => void handlers.set(channel, listener),
      removeHandler: (channel) => void handlers.delete(channel),
    },
    host,
    () => contents,
    async () => join(work, 'stolen'),
  );
  const strangers = [
    { sender: {}, senderFrame: frame },
    { sender: contents, senderFrame: null },
    { sender: contents, senderFrame: { url: 'muster://window/', parent: frame } },
    { sender: contents, senderFrame: { ...frame } },
  ];
  for (const stranger of strangers) {
    expect(await handlers.get('muster:take')?.(stranger as never, 'courier.have', {})).toMatchObject({ ok: false });
    expect(await handlers.get('muster:give')?.(stranger as never, ...begin('a', 1))).toMatchObject({ ok: false });
  }
  expect([host.calls, existsSync(join(work, 'stolen'))]).toEqual([[], false]);
  end();
  expect([...handlers.keys()]).toEqual([]);
});
