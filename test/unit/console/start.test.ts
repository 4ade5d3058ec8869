/** The console against everything on this machine that is not its own window: hostile requests first. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maxListeners } from '../../../src/console/change.ts';
import { type Console, startConsole } from '../../../src/console/start.ts';
import { createFakeHost, type FakeHost } from '../../kit/window.ts';

let folder: string;
let host: FakeHost;
let console_: Console;
let port: number;
let key: string;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Raw on purpose: fetch would tidy up a path with `..`, and set the headers that are to be wrong. */
function send(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers: { Host: `127.0.0.1:${port}`, ...headers }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function enter(): Promise<string> {
  const answer = await send('GET', `/open?key=${key}`);
  return String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
}
const asWindow = (cookie: string) => ({
  Cookie: cookie,
  Origin: `http://127.0.0.1:${port}`,
  'Sec-Fetch-Site': 'same-origin',
  'Content-Type': 'application/json',
});

/** Opens the stream and keeps it open; resolves with its status and a function that reads what came so far. */
function listen(cookie: string, headers: Record<string, string> = { 'Sec-Fetch-Site': 'same-origin' }) {
  return new Promise<{ status: number; read: () => string; end: () => void }>((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path: '/changes',
        headers: { Host: `127.0.0.1:${port}`, Cookie: cookie, ...headers },
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('error', () => {}); // the test ends streams by force
        resolve({ status: response.statusCode ?? 0, read: () => text, end: () => sent.destroy() });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-console-'));
  await mkdir(join(folder, 'window', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.html'), 'a file beside the window');
  await writeFile(join(folder, 'window', 'index.html'), '<!doctype html><title>Muster</title>');
  await writeFile(join(folder, 'window', 'assets', 'main.js'), 'export {};');
  await writeFile(join(folder, 'window', 'notes.txt'), 'a kind of file that the window does not have');
  host = createFakeHost();
  console_ = await startConsole({ host, assetsDir: join(folder, 'window') });
  const url = new URL(console_.url);
  port = Number(url.port);
  key = url.searchParams.get('key') ?? '';
});
afterEach(async () => {
  await console_.close();
  await rm(folder, { recursive: true });
});

describe('strangers', () => {
  it('without the cookie see no page, no file, no call and no change', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/assets/main.js'],
      ['POST', '/call/home.read'],
      ['POST', '/give/courier.read?args=%7B%7D&file=a'],
      ['POST', '/take/courier.have'],
      ['GET', `/taken/${'0'.repeat(32)}`],
      ['GET', '/changes'],
      ['GET', '/nowhere'],
    ] as const) {
      const answer = await send(method, path, { ...asWindow('') }, method === 'POST' ? '{}' : undefined);
      expect(answer.status, path).toBe(403);
      expect(answer.text).toContain('does not know this browser');
    }
    expect(host.calls).toEqual([]);
  });

  it.each([
    ['a name that resolves here', 'evil.example'],
    ['no port', '127.0.0.1'],
    ['another port', '127.0.0.1:1'],
    ['a longer name', 'localhost.evil.example'],
    ['nothing', '-'],
  ])('who reached us under %s are refused, cookie or not', async (_what, name) => {
    const cookie = await enter();
    expect((await send('GET', '/', { Cookie: cookie, Host: name })).status).toBe(403);
    expect((await send('POST', '/call/home.read', { ...asWindow(cookie), Host: name }, '{}')).status).toBe(403);
  });

  it.each([
    ['another site', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
    ['another port of this machine', { Origin: 'http://127.0.0.1:9', 'Sec-Fetch-Site': 'same-site' }],
    ['another site in a browser without Sec-Fetch-Site', { Origin: 'https://evil.example' }],
    ['a sandboxed frame', { Origin: 'null' }],
    ['a program that says nothing of where it is', {}],
    ['a name of ours that is not the one of this page', { Origin: 'http://localhost:1' }],
  ])('calls from %s are refused, even with the cookie', async (_what, headers) => {
    const cookie = await enter();
    const answer = await send(
      'POST',
      '/call/vault.lock',
      { Cookie: cookie, 'Content-Type': 'application/json', ...(headers as Record<string, string>) },
      '{}',
    );
    expect(answer.status).toBe(403);
    expect(host.calls).toEqual([]);
    const stream = await listen(cookie, headers as Record<string, string>);
    expect(stream.status).toBe(403);
  });

  it.each(['muster=guess', 'muster-0=guess', '=', ';;;', `muster-${'9'.repeat(5)}`])(
    'a made-up cookie %j is no cookie',
    async (cookie) => {
      await enter();
      expect((await send('GET', '/', { Cookie: cookie })).status).toBe(403);
    },
  );
});

describe('the key', () => {
  it('works once', async () => {
    const first = await send('GET', `/open?key=${key}`);
    expect(first.status).toBe(303);
    expect(first.headers['location']).toBe('/');
    expect(first.headers['set-cookie']?.[0]).toMatch(/^muster-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    const second = await send('GET', `/open?key=${key}`);
    expect(second.status).toBe(403);
    expect(second.headers['set-cookie']).toBeUndefined();
  });
  it('once used still leads the browser that used it to the window', async () => {
    const cookie = await enter();
    const again = await send('GET', `/open?key=${key}`, { Cookie: cookie });
    expect([again.status, again.headers['set-cookie']]).toEqual([303, undefined]);
  });
  it.each(['', '?key=', '?key=wrong', '?key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '?other=1'])(
    'guessed as %j is refused and not spent',
    async (query) => {
      expect((await send('GET', `/open${query}`)).status).toBe(403);
      expect((await send('GET', `/open?key=${key}`)).status).toBe(303);
    },
  );
  it('differs every time', async () => {
    const other = await startConsole({ host, assetsDir: join(folder, 'window') });
    expect(new URL(other.url).searchParams.get('key')).not.toBe(key);
    await other.close();
  });
});

describe('what the window may ask', () => {
  it.each([
    '/../secret.html',
    '/assets/../../secret.html',
    '/..%2fsecret.html',
    '/%2e%2e/secret.html',
    '//secret.html',
    '/notes.txt',
    '/index.html',
    '/assets',
    '/assets/',
    '/constructor',
  ])('the path %s is no file of the window', async (path) => {
    const answer = await send('GET', path, { Cookie: await enter() });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain('beside');
  });
  it('the window’s own files, with every header that shuts the page in', async () => {
    const cookie = await enter();
    const page = await send('GET', '/', { Cookie: cookie });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    );
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(page.headers['permissions-policy']).toContain('camera=()');
    expect((await send('GET', '/assets/main.js?v=1', { Cookie: cookie })).headers['content-type']).toContain(
      'text/javascript',
    );
  });
  it('a call, answered by the gate', async () => {
    const answer = await send('POST', '/call/vault.status', asWindow(await enter()), '{}');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ ok: true, value: { state: 'open' } });
  });
  it('nothing the gate does not know', async () => {
    const answer = await send('POST', '/call/toString', asWindow(await enter()), '{}');
    expect(JSON.parse(answer.text)).toMatchObject({ ok: false, code: 'invalid' });
  });
  it.each([
    ['with too much', 413, {}, `"${'x'.repeat(64 * 1024)}"`],
    ['in another type', 415, { 'Content-Type': 'text/plain' }, '{}'],
    ['as a form', 415, { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=1'],
    ['that is not JSON', 400, {}, '{"room":'],
    ['with no body', 400, {}, ''],
  ] as const)('no call %s', async (_what, status, headers, body) => {
    const answer = await send('POST', '/call/room.send', { ...asWindow(await enter()), ...headers }, body);
    expect(answer.status).toBe(status);
    expect(host.calls).toEqual([]);
  });
  it('no call whose length is only found out on the way', async () => {
    const cookie = await enter();
    const answer = await send(
      'POST',
      '/call/room.send',
      { ...asWindow(cookie), 'Transfer-Encoding': 'chunked' },
      'x'.repeat(70_000),
    ).catch(() => ({ status: 413 }));
    expect(answer.status).toBe(413);
    expect((await send('GET', '/', { Cookie: cookie })).status).toBe(200);
  });
  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('no call by %s', async (method) => {
    expect((await send(method, '/call/vault.status', asWindow(await enter()))).status).toBe(405);
  });
});

describe('changes', () => {
  it('reach every open window, and carry no content', async () => {
    const stream = await listen(await enter());
    expect(stream.status).toBe(200);
    host.hear('02000000000000000000000000000001', 3, 'a text that is not for the stream');
    await expect.poll(stream.read).toContain('data: {"home":true');
    expect(stream.read()).not.toContain('a text');
    stream.end();
  });
  it('go to a few windows only, and a closed one makes room', async () => {
    const cookie = await enter();
    const streams = [];
    for (let n = 0; n < maxListeners; n++) streams.push(await listen(cookie));
    expect((await listen(cookie)).status).toBe(503);
    streams[0]?.end();
    await expect.poll(async () => (await listen(cookie)).status).toBe(200);
  });
});

it('listens on 127.0.0.1 and nowhere else', async () => {
  // If the console held the port on every address, this second listener could not have it on another loopback one.
  const other = createServer();
  await new Promise<void>((resolve, reject) => other.once('error', reject).listen(port, '127.0.0.2', resolve));
  expect((other.address() as AddressInfo).address).toBe('127.0.0.2');
  await new Promise((resolve) => other.close(resolve));
});
it('lets go of the host when closed', async () => {
  const other = await startConsole({ host, assetsDir: join(folder, 'window') });
  expect(host.listeners()).toBe(2);
  await other.close();
  expect(host.listeners()).toBe(1);
});
it('says how to build the window when it is not built', async () => {
  await expect(startConsole({ host, assetsDir: join(folder, 'nothing') })).rejects.toThrow('npm run build');
});

describe('files', () => {
  const courier = 'muster courier 1\nwhole';
  const asFile = (cookie: string) => ({ ...asWindow(cookie), 'Content-Type': 'application/octet-stream' });
  const give = (cookie: string, path: string, body: string, headers: Record<string, string> = {}) =>
    send('POST', path, { ...asFile(cookie), 'Content-Length': String(Buffer.byteLength(body)), ...headers }, body);
  const good = '/give/courier.read?args=%7B%7D&file=monday.courier';

  it.each([
    ['a call that takes none', '/give/room.send?args=%7B%7D&file=a'],
    ['no call at all', '/give/?args=%7B%7D&file=a'],
    ['no arguments', '/give/courier.read?file=a'],
    ['arguments that are no JSON', '/give/courier.read?args=%7B&file=a'],
    ['an argument too many', '/give/courier.read?args=%7B%22path%22%3A%22%2Fetc%22%7D&file=a'],
    ['no name', '/give/courier.read?args=%7B%7D'],
    ['a name without end', `/give/courier.read?args=%7B%7D&file=${'x'.repeat(1025)}`],
  ])('given with %s are not read', async (_what, path) => {
    const answer = await give(await enter(), path, courier);
    expect(JSON.parse(answer.text)).toMatchObject({ ok: false, code: 'invalid' });
  });

  it('of no said length, or from another page, are not read; what follows is still answered', async () => {
    const cookie = await enter();
    const chunked = await send('POST', good, { ...asFile(cookie), 'Transfer-Encoding': 'chunked' }, courier);
    expect(JSON.parse(chunked.text)).toMatchObject({ ok: false, code: 'invalid' });
    expect((await give(cookie, good, courier, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await send('GET', good, { Cookie: cookie })).status).toBe(405);
    expect(JSON.parse((await give(cookie, good, courier)).text)).toMatchObject({ ok: true, value: { entries: 12 } });
  });

  it('that are refused at once are let run out, however large', async () => {
    const cookie = await enter();
    host.failOn('courier.read');
    const answer = await give(cookie, good, 'x'.repeat(8_000_000));
    expect(JSON.parse(answer.text)).toMatchObject({ ok: false, code: 'disk' });
  });

  it('go out at an address that works once, for our own page, under a name that steers nothing', async () => {
    const cookie = await enter();
    const ask = async () =>
      String(JSON.parse((await send('POST', '/take/courier.have', asWindow(cookie), '{}')).text).value.path);
    const own = { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' };
    const path = await ask();
    expect((await send('GET', path, { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(404);
    expect((await send('GET', path, {})).status).toBe(403);
    const answer = await send('GET', path, own);
    expect([answer.status, answer.text]).toEqual([200, 'muster courier 1\n']);
    expect(answer.headers['content-disposition']).toBe("attachment; filename*=UTF-8''2026-03-02.have");
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect((await send('GET', path, own)).status).toBe(404);
    // Asked for without end and never fetched: the oldest are let go.
    const first = await ask();
    for (let n = 0; n < 8; n++) await ask();
    expect((await send('GET', first, own)).status).toBe(404);
  });
});
