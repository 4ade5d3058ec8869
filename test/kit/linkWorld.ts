/** A link's outside without socket, clock or chance. */
import type { LinkDown, LinkUp } from '../../src/link/event.ts';
import type { LinkPorts, Route, SocketEvents } from '../../src/link/port.ts';
import type { ProxyServer } from '../../src/link/proxy.ts';
import { type ClientFrame, decodeClientFrame, encodeRelayFrame, type RelayFrame } from '../../src/wire/frame.ts';

/** Everything a link wants from outside, in the test's hands. */
export class LinkWorld implements LinkPorts {
  nowMs = 1_000_000;
  chance = 0;
  readonly timers = new Set<{ atMs: number; fire: () => void }>();
  readonly attempts: {
    route: Route;
    events: SocketEvents;
    sent: ClientFrame[];
    pings: number;
    isClosed: boolean;
    bufferedBytes: number;
  }[] = [];
  readonly ups: LinkUp[] = [];
  readonly downs: LinkDown[] = [];
  readonly frames: RelayFrame[] = [];

  connect(route: Route, _pin: string, events: SocketEvents) {
    const attempt = { route, events, sent: [] as ClientFrame[], pings: 0, isClosed: false, bufferedBytes: 0 };
    this.attempts.push(attempt);
    return {
      send: (bytes: Uint8Array) => void attempt.sent.push(decodeClientFrame(bytes)),
      ping: () => {
        attempt.pings += 1;
      },
      close: () => {
        attempt.isClosed = true;
      },
      get bufferedBytes() {
        return attempt.bufferedBytes;
      },
    };
  }
  /** What names mean; a name without an answer here keeps everyone waiting. */
  readonly names = new Map<string, readonly string[]>();
  readonly asked: { readonly name: string; readonly done: (addresses: readonly string[]) => void }[] = [];
  resolve(name: string, done: (addresses: readonly string[]) => void) {
    this.asked.push({ name, done });
    const known = this.names.get(name);
    if (known !== undefined) done(known);
  }
  /** The proxies of the system. Undefined: it has not answered yet. */
  system: readonly ProxyServer[] | undefined = [];
  readonly askedSystem: ((proxies: readonly ProxyServer[]) => void)[] = [];
  systemProxies(_host: string, _port: number, done: (proxies: readonly ProxyServer[]) => void) {
    this.askedSystem.push(done);
    if (this.system !== undefined) done(this.system);
  }
  now() {
    return this.nowMs;
  }
  random() {
    return this.chance;
  }
  setTimer(ms: number, fire: () => void) {
    const timer = { atMs: this.nowMs + ms, fire };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }
  /** Lets time go by, timer by timer. */
  pass(ms: number) {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = [...this.timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.fire();
    }
    this.nowMs = endMs;
  }
  get last() {
    const attempt = this.attempts.at(-1);
    if (attempt === undefined) throw new Error('no attempt was made');
    return attempt;
  }
  say(frame: RelayFrame) {
    this.last.events.onMessage(encodeRelayFrame(frame));
  }
}
