/**
 * Whom an address stands for when connections are counted: one IPv4 address, or the /64 of an IPv6 one, because that
 * many are given to a single host. Kept in memory while somebody there is connected, and written nowhere.
 */
import { isIPv4, isIPv6, type Server, type Socket } from 'node:net';

/** `undefined` when there is nothing to count by: a proxy stands between, or the socket is gone already. */
export function hostOf(address: string | undefined): string | undefined {
  if (address === undefined || isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const [bare = ''] = address.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  const [front = '', back] = bare.split('::');
  const before = front === '' ? [] : front.split(':');
  const after = back === undefined || back === '' ? [] : back.split(':');
  const groups = [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** How many there are of each, with nothing kept of who is gone. */
export class Tally {
  readonly #counts = new Map<string, number>();

  of(host: string | undefined): number {
    return host === undefined ? 0 : (this.#counts.get(host) ?? 0);
  }

  add(host: string | undefined, change: 1 | -1): void {
    if (host === undefined) return;
    const count = this.of(host) + change;
    if (count > 0) this.#counts.set(host, count);
    else this.#counts.delete(host);
  }
}

/**
 * Closes connections beyond `most` of one host before anything is read of them: sockets that say nothing are connections
 * too, and a few machines could otherwise hold all there are.
 */
export function boundHosts(server: Server, most: number): void {
  const hosts = new Tally();
  server.on('connection', (socket: Socket) => {
    const host = hostOf(socket.remoteAddress);
    if (hosts.of(host) >= most) {
      socket.destroy();
      return;
    }
    hosts.add(host, 1);
    socket.once('close', () => hosts.add(host, -1));
  });
}
