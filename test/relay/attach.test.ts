/** Files in and out of a real vault: what changes while it is read, is cut off or damaged is never sent or saved. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunkBytes, maxFileBytes } from '../../src/core/attachment.ts';
import { orgRoom } from '../../src/core/room.ts';
import { moveFile, saveFile, sendFile } from '../../src/responder/attach.ts';
import { viewFiles } from '../../src/responder/fileView.ts';
import { viewRoom } from '../../src/responder/roomView.ts';
import { CallerFault } from '../../src/wire/fault.ts';
import { faultOf } from '../kit/fault.ts';
import { Live } from '../kit/live.ts';

let live: Live;
let work: string;
beforeAll(async () => {
  live = await Live.found({ members: 1, relays: 1 });
  work = mkdtempSync(join(tmpdir(), 'muster-file-'));
});
afterAll(async () => {
  await live.end();
  rmSync(work, { recursive: true, force: true });
});

const textOf = (size: number): Buffer => Buffer.alloc(size, 'what happened when, line by line\n');

function write(name: string, content: string | Uint8Array): string {
  const path = join(work, name);
  writeFileSync(path, content);
  return path;
}

const room = () => orgRoom(live.list).id;

async function codeOf(work_: Promise<unknown>): Promise<string> {
  const [result] = await Promise.allSettled([work_]);
  return faultOf(() => {
    if (result?.status === 'rejected') throw result.reason;
  }, CallerFault);
}

describe('nothing is sent of', () => {
  it('a file that changes while it is read', async () => {
    const device = await live.open(0);
    const path = write('growing.log', textOf(20 * chunkBytes));
    let isFirst = true;
    const sending = sendFile(device, room(), path, () => {
      if (isFirst) appendFileSync(path, 'x');
      isFirst = false;
    });
    expect(await codeOf(sending)).toBe('invalid');
    expect(viewFiles(device, room())).toEqual([]);
    device.close();
    const again = await live.open(0);
    expect(again.state.fileBytes).toBe(0);
    again.close();
  });

  it('a folder, what is not there, and what is too large', async () => {
    const device = await live.open(0);
    mkdirSync(join(work, 'folder'));
    expect(await codeOf(sendFile(device, room(), join(work, 'folder')))).toBe('invalid');
    expect(await codeOf(sendFile(device, room(), join(work, 'nothing')))).toBe('not-found');
    const large = write('large.img', '');

    truncateSync(large, maxFileBytes + 1);
    expect(await codeOf(sendFile(device, room(), large))).toBe('invalid');
    expect(viewFiles(device, room())).toEqual([]);
    device.close();
  });

  it('a file that was read in when the program ended before it was told of', async () => {
    const device = await live.open(0);
    const intake = device.vault.beginIntake();
    device.vault.putIntake(intake, [{ number: 1, bytes: textOf(1000) }]);
    device.close();
    const again = await live.open(0);
    expect(again.state.fileBytes).toBe(0);
    again.close();
  });
});

describe('a file', () => {
  it('comes out as it went in, under the name a person gave, and never over another', async () => {
    const device = await live.open(0);
    const text = textOf(3 * chunkBytes + 7);
    const { entry } = await sendFile(device, room(), write('log.txt', text));
    if (entry === undefined) throw new Error('not told of');
    expect(viewFiles(device, room())).toEqual([
      expect.objectContaining({ name: 'log.txt', size: text.length, state: 'here', chunks: 5, here: 5, offered: true }),
    ]);
    expect(viewRoom(device, room(), undefined, 5).messages.at(-1)?.text).toMatch(/sent the file log.txt \(196.6 kB\)/);
    const out = join(work, 'out.txt');
    await saveFile(device.vault, room(), entry, out);
    expect(readFileSync(out).equals(text)).toBe(true);
    expect(await codeOf(saveFile(device.vault, room(), entry, out))).toBe('already-there');
    expect(await codeOf(saveFile(device.vault, room(), entry, join(work, 'none', 'out.txt')))).toBe('not-allowed');
    expect(readdirSync(work).filter((name) => name.endsWith('.part'))).toEqual([]);
    device.close();
    const again = await live.open(0);
    expect(viewFiles(again, room()).map(({ state }) => state)).toEqual(['here']);
    expect(again.state.fileBytes).toBe(text.length + 4 * 32);
    again.close();
  });

  it('that was dropped is not saved, and nothing of it is in the vault', async () => {
    const device = await live.open(0);
    const { entry } = await sendFile(device, room(), write('empty.txt', ''));
    if (entry === undefined) throw new Error('not told of');
    await saveFile(device.vault, room(), entry, join(work, 'empty.out'));
    expect(readFileSync(join(work, 'empty.out')).length).toBe(0);
    const kept = device.vault.fileOf(room(), entry);
    device.vault.apply([{ type: 'file-gone', room: room(), entry }]);
    expect(device.vault.chunkNumbers(kept?.facts.file ?? ('' as never))).toEqual([]);
    expect(await codeOf(saveFile(device.vault, room(), entry, join(work, 'gone.out')))).toBe('not-allowed');
    expect(existsSync(join(work, 'gone.out'))).toBe(false);
    expect(await codeOf(moveFile(device, 'offer-file', room(), entry))).toBe('not-allowed');
    device.close();
  });
});
