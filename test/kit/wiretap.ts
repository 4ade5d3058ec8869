/** A link's ports with everything that crosses kept: the frames as the relay gets them, inside the TLS. */
import { makePorts } from '../../src/link/node.ts';
import type { LinkPorts } from '../../src/link/port.ts';

export interface Wiretap {
  readonly ports: LinkPorts;
  /** Frames both ways, in order. */
  readonly frames: Uint8Array[];
}

export function tapWire(): Wiretap {
  const frames: Uint8Array[] = [];
  const real = makePorts();
  return {
    frames,
    ports: {
      ...real,
      connect(route, pin, events) {
        const socket = real.connect(route, pin, {
          ...events,
          onOpen: () => events.onOpen(),
          onHeard: () => events.onHeard(),
          onClose: (code, text) => events.onClose(code, text),
          onMessage: (bytes) => {
            frames.push(bytes.slice());
            events.onMessage(bytes);
          },
        });
        return {
          get bufferedBytes() {
            return socket.bufferedBytes;
          },
          send(bytes) {
            frames.push(bytes.slice());
            socket.send(bytes);
          },
          ping: () => socket.ping(),
          close: () => socket.close(),
        };
      },
    },
  };
}
