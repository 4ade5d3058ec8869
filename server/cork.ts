/**
 * What sockets are sent: each message with its websocket head, and all that one step of the event loop writes to a socket
 * in one write at its end. The heads are made here because that is a third of what sending a small message costs; all
 * else of a websocket is the library's, which writes its own frames to the same stream.
 *
 * It must never hold anything longer than a step: a message that waits for the next one is late.
 */
import type { Writable } from 'node:stream';
import type { Bytes } from '../src/wire/bytes.ts';

/** Up to here a message is copied behind its head: cheaper than handing over two pieces. */
const copiedBytes = 2048;

export class Corks {
  readonly #held = new Set<Writable>();

  /** `onTaken` when the network has taken it. */
  send(stream: Writable, message: Bytes, onTaken: () => void): void {
    if (!this.#held.has(stream)) {
      if (this.#held.size === 0) process.nextTick(() => this.#release());
      this.#held.add(stream);
      stream.cork();
    }
    const head = headBytes(message.length);
    if (message.length > copiedBytes) {
      stream.write(writeHead(Buffer.allocUnsafe(head), message.length));
      stream.write(message, onTaken);
      return;
    }
    const whole = writeHead(Buffer.allocUnsafe(head + message.length), message.length);
    whole.set(message, head);
    stream.write(whole, onTaken);
  }

  #release(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const stream of held) stream.uncork();
  }
}

const headBytes = (size: number): number => (size < 126 ? 2 : size < 0x10000 ? 4 : 10);

/** The whole of a binary message in one frame, not masked, as a server sends it (RFC 6455, section 5.2). */
function writeHead(bytes: Buffer, size: number): Buffer {
  bytes[0] = 0x82;
  if (size < 126) bytes[1] = size;
  else if (size < 0x10000) {
    bytes[1] = 126;
    bytes.writeUInt16BE(size, 2);
  } else {
    bytes[1] = 127;
    bytes.writeUInt32BE(0, 2);
    bytes.writeUInt32BE(size, 6);
  }
  return bytes;
}
