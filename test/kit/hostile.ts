/** A socket below the websocket: TLS, HTTP and frames byte by byte, for what no library would send. */
import { randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Bytes } from '../../src/wire/bytes.ts';
import { until } from './until.ts';

export interface FrameShape {
  readonly opcode: number;
  readonly payload?: Bytes;
  readonly isLast?: boolean;
  /** The bit of compressed messages. */
  readonly isCompressed?: boolean;
  readonly isMasked?: boolean;
  /** A length in the header that is not the payload's. */
  readonly claims?: bigint;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10, reserved: 3 } as const;

/** A websocket frame (RFC 6455 section 5.2), right or wrong as asked. */
export function wsFrame({ opcode, payload = new Uint8Array(0), ...shape }: FrameShape): Buffer {
  const first = (shape.isLast === false ? 0 : 0x80) | (shape.isCompressed === true ? 0x40 : 0) | opcode;
  const mask = shape.isMasked === false ? 0 : 0x80;
  const length = shape.claims ?? BigInt(payload.length);
  const head =
    length < 126n
      ? Buffer.from([first, mask | Number(length)])
      : length < 65_536n
        ? Buffer.from([first, mask | 126, Number(length >> 8n), Number(length & 255n)])
        : Buffer.concat([Buffer.from([first, mask | 127]), bigEndian(length)]);
  // A mask of zeros is a mask: the payload stays as it is.
  return Buffer.concat([head, ...(mask === 0 ? [] : [Buffer.alloc(4)]), payload]);
}

function bigEndian(value: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(value);
  return out;
}

export class Hostile {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      // The beginning is enough to see what was answered.
      if (this.received.length < 65_536) this.received = Buffer.concat([this.received, chunk]);
    });
    socket.on('error', () => {
      this.isClosed = true;
    });
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  /** `from`: another address of this machine (127.0.0.2 and so on), to be another neighbour. */
  static tcp(port: number, from = '127.0.0.1'): Hostile {
    return new Hostile(connectTcp({ host: '127.0.0.1', port, localAddress: from }));
  }

  static tls(port: number, from = '127.0.0.1'): Hostile {
    const socket = connectTcp({ host: '127.0.0.1', port, localAddress: from });
    socket.on('error', () => socket.destroy());
    return new Hostile(connectTls({ socket, rejectUnauthorized: false }));
  }

  /** A websocket, opened. */
  static async ws(port: number, headers: readonly string[] = [], from?: string): Promise<Hostile> {
    const made = Hostile.tls(port, from).send(upgradeRequest(headers));
    await made.hears('HTTP/1.1 101');
    return made;
  }

  send(bytes: Bytes | string): this {
    if (!this.socket.destroyed) this.socket.write(bytes);
    return this;
  }

  hears(text: string): Promise<unknown> {
    return until(() => this.received.includes(text), `the relay says ${text}`, 10_000);
  }

  whenClosed(timeoutMs = 20_000): Promise<unknown> {
    return until(() => this.isClosed, 'the relay hangs up', timeoutMs);
  }

  drop(): void {
    this.socket.destroy();
  }
}

export const upgradeRequest = (headers: readonly string[] = []): string =>
  [
    'GET / HTTP/1.1',
    'Host: relay',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...headers,
    '\r\n',
  ].join('\r\n');
