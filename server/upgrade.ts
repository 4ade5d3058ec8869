/**
 * From an HTTP request to a websocket. It must never keep a request: its headers would stay for as long as the socket
 * lives, and thousands of sockets sit idle.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { limit } from '../src/wire/limit.ts';

type TakeUpgrades = (
  server: Server,
  onOpened: (socket: WebSocket, address: string | undefined, stream: Socket) => void,
) => void;

/** Loads the library only here: that takes as long as the store takes to open in its thread. */
export async function openUpgrades(): Promise<TakeUpgrades> {
  const { WebSocketServer } = await import('ws');
  const upgrader = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limit.frameBytes,
    clientTracking: false,
  });
  return (server, onOpened) => {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      // A TLS or HTTP error of one socket; Node closes it. Without a listener it would be ours.
      socket.on('error', destroy);
      const { socket: stream } = request;
      const address = stream.remoteAddress;
      upgrader.handleUpgrade(request, socket, head, (opened) => onOpened(opened, address, stream));
    });
  };
}

function destroy(this: Duplex): void {
  this.destroy();
}
