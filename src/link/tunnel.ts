/**
 * A stream to a relay through a proxy: HTTP CONNECT (by Node's own client) over TCP or TLS, or SOCKS5 (`socks`). The
 * name of the relay is given to the proxy as it is; this machine asks no DNS for it.
 *
 * The proxy is a stranger. What it answers is bounded, and a stream on which it said anything of its own is not used.
 * Its certificate is not looked at: whoever owns it or stands before it can end the connection and learn the name and
 * password, as with any proxy without TLS, and gets no further, since the relay's pin is checked inside.
 */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { SocksClient } from 'socks';
import { fromUtf8 } from '../wire/bytes.ts';
import { type Place, sayPlace } from './address.ts';
import { linkLimit } from './limit.ts';
import type { ProxyServer } from './proxy.ts';

export interface TunnelEvents {
  /** Open, and nothing has been said on it. */
  onOpen(stream: Socket): void;
  /** Once, unless it was open or closed by us before. For people; never what the proxy wrote. */
  onFail(text: string): void;
}

/** A proxy's answer has a status line and some headers; more than this is none. */
const maxHeadBytes = 16 * 1024;
/** A SOCKS5 handshake has at most 2 + 2 + 262 bytes from the proxy. */
const maxSocksBytes = 512;

/** The result ends the attempt; a stream that is open belongs to who was given it. No event comes before it has returned. */
export function openTunnel(proxy: ProxyServer, target: Place, events: TunnelEvents): () => void {
  return proxy.kind === 'socks5' ? openSocks(proxy, target, events) : openConnect(proxy, target, events);
}

function openConnect(proxy: ProxyServer, target: Place, events: TunnelEvents): () => void {
  let isOver = false;
  const fail = (text: string) => {
    if (isOver) return;
    isOver = true;
    request.destroy();
    events.onFail(text);
  };
  const to = sayPlace(target);
  const options = {
    host: proxy.host,
    port: proxy.port,
    method: 'CONNECT',
    path: to,
    headers: { Host: to, ...headersOf(proxy) },
    agent: false as const,
    maxHeaderSize: maxHeadBytes,
  };
  const request =
    proxy.kind === 'http' ? requestHttp(options) : requestHttps({ ...options, rejectUnauthorized: false });
  request.on('connect', ({ statusCode = 0 }, stream, head) => {
    if (isOver) {
      stream.destroy();
      return;
    }
    const trouble = troubleOf(statusCode, head.length);
    if (trouble !== undefined) {
      stream.destroy();
      fail(trouble);
      return;
    }
    isOver = true;
    events.onOpen(stream);
  });
  // An answer that is none to CONNECT comes here, and so does one that never ends.
  request.on('response', (response) => {
    response.destroy();
    fail(notSpoken);
  });
  request.on('error', (error) => fail(isAnswer(error) ? notSpoken : unreachable));
  request.on('close', () => fail(unreachable));
  request.end();
  return () => {
    if (isOver) return;
    isOver = true;
    request.destroy();
  };
}

const unreachable = 'the proxy cannot be reached, or hung up';
const notSpoken = 'whoever answers there does not speak the language of this proxy';

/** What Node's parser found wrong, as opposed to what the network did. */
const isAnswer = (error: Error): boolean => 'code' in error && String(error.code).startsWith('HPE_');

function troubleOf(status: number, headLength: number): string | undefined {
  if (status === 407) return 'the proxy wants a name and a password, or other ones';
  if (status === 403) return 'the proxy does not let this device through to the relay';
  if (status < 200 || status > 299) return `the proxy could not reach the relay (it answered ${status})`;
  return headLength > 0 ? notSpoken : undefined;
}

function headersOf({ login }: ProxyServer): Readonly<Record<string, string>> {
  if (login === undefined) return {};
  const pair = Buffer.concat([login.user.open(), Buffer.from(':'), login.password.open()]);
  const header = `Basic ${pair.toString('base64')}`;
  pair.fill(0);
  return { 'Proxy-Authorization': header };
}

function openSocks(proxy: ProxyServer, target: Place, events: TunnelEvents): () => void {
  const socket = connectTcp({ host: proxy.host, port: proxy.port });
  let isOver = false;
  let received = 0;
  const end = () => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
  };
  const fail = (text: string) => {
    if (isOver) return;
    end();
    events.onFail(text);
  };
  const count = ({ length }: Buffer) => {
    received += length;
    if (received > maxSocksBytes) fail(notSpoken);
  };
  socket.on('data', count);
  socket.on('error', () => fail(unreachable));
  socket.on('close', () => fail(unreachable));
  socket.once('connect', () => {
    if (isOver) return;
    const client = new SocksClient({
      command: 'connect',
      proxy: { host: proxy.host, port: proxy.port, type: 5, ...loginOf(proxy) },
      destination: { host: target.host, port: target.port },
      timeout: linkLimit.handshakeMs,
    });
    client.once('error', (error: Error) => fail(socksTrouble(error.message)));
    client.once('established', ({ socket: stream }: { readonly socket: Socket }) => {
      if (isOver) return;
      isOver = true;
      stream.off('data', count);
      events.onOpen(stream);
    });
    client.connect(socket);
  });
  return end;
}

function loginOf({ login }: ProxyServer): { readonly userId?: string; readonly password?: string } {
  if (login === undefined) return {};
  return { userId: fromUtf8(login.user.open()), password: fromUtf8(login.password.open()) };
}

/** The library tells these apart by sentence alone. */
function socksTrouble(message: string): string {
  if (/authentication/i.test(message)) return 'the proxy wants a name and a password, or other ones';
  if (/rejected/i.test(message)) return 'the proxy could not, or would not, reach the relay';
  if (/Socket closed|timed out|ECONN/i.test(message)) return unreachable;
  return notSpoken;
}
