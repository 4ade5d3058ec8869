/**
 * One try to reach a relay by all ways there are: each of its addresses, directly and through proxies. A way is begun
 * every quarter of a second, or as soon as one fails; the first on which the relay has proved its key is kept and the
 * others are closed (RFC 8305 "happy eyeballs", with the pin as the finish). One dead address, one dead family of
 * addresses or one impostor therefore costs a moment and never the relay.
 *
 * It must never keep more than one connection, begin a way that the setting forbids (with `proxy-only` not even a
 * name is asked for), or take a wrong key for the end: whoever sits on one way is not on the others.
 */
import { Fault } from '../wire/fault.ts';
import type { RelayId } from '../wire/id.ts';
import { interleave, isLiteral, readAddress } from './address.ts';
import { linkLimit } from './limit.ts';
import type { DownCode, LinkPorts, Route, SocketEvents, SocketLike } from './port.ts';
import type { ProxyServer, ProxySetting } from './proxy.ts';

export interface RacePlan {
  readonly relay: RelayId;
  /** `host:port`, as the muster list has them. */
  readonly addresses: readonly string[];
  readonly setting: ProxySetting;
  /** The lane that led there last: it begins. */
  readonly first?: string;
  /** The lane that won last and then led to nothing: it begins after the others, or its speed would win for ever. */
  readonly last?: string;
}

export interface Failure {
  readonly code: DownCode;
  readonly text: string;
}

/** Events of the connection that won come after `won`. */
export interface RaceEvents extends Omit<SocketEvents, 'onOpen'> {
  won(socket: SocketLike, route: Route): void;
  /** Every way has failed. Comes at most once, and never after `won`. */
  failed(): void;
}

/** The ways that share an address of the list and a kind of going there. */
interface Lane {
  readonly name: string;
  /** Still to try. Undefined: not known yet, somebody was asked. */
  routes: Route[] | undefined;
}

/** What `first` and `last` speak of. */
export const laneOf = ({ address, proxy }: Route): string => `${proxy === undefined ? 'direct' : 'proxy'} ${address}`;

export class Race {
  readonly #plan: RacePlan;
  readonly #ports: LinkPorts;
  readonly #events: RaceEvents;
  readonly #running = new Set<SocketLike>();
  readonly #failures: Failure[] = [];
  readonly #timers = new Set<() => void>();
  #lanes: Lane[] = [];
  #begun = 0;
  #isHolding = false;
  #isPatient = true;
  #isAsking = true;
  #cancelStagger: (() => void) | undefined;
  #winner: SocketLike | undefined;
  #isOver = false;

  /** Begins at once. No event comes before it has returned. */
  constructor(plan: RacePlan, ports: LinkPorts, events: RaceEvents) {
    this.#plan = plan;
    this.#ports = ports;
    this.#events = events;
    for (const address of plan.addresses) this.#ask(address);
    const rank = ({ name }: Lane) => Number(name === plan.last) - Number(name === plan.first);
    this.#lanes.sort((a, b) => rank(a) - rank(b));
    this.#isAsking = false;
    this.#after(linkLimit.patienceMs, () => {
      this.#isPatient = false;
      this.#next();
    });
    // By a timer, so that a plan without any way at all fails later too.
    this.#after(0, () => this.#next());
  }

  /** What went wrong so far, way by way. */
  get failures(): readonly Failure[] {
    return this.#failures;
  }

  /** Ends all of it, the connection that won too. No event follows. */
  close(): void {
    this.#end();
    this.#winner?.close();
  }

  #ask(address: string): void {
    const { policy, proxy } = this.#plan.setting;
    try {
      const { host, port } = readAddress(address);
      const route = (through?: ProxyServer): Route =>
        through === undefined ? { address, host, port } : { address, host, port, proxy: through };
      if (policy !== 'direct-only') {
        const found = this.#lane(`proxy ${address}`);
        if (proxy === undefined) this.#ports.systemProxies(host, port, (all) => found(all.map(route)));
        else found([route(proxy)]);
      }
      if (policy !== 'proxy-only') {
        const found = this.#lane(`direct ${address}`);
        if (isLiteral(host)) found([route()]);
        else
          this.#ports.resolve(host, (all) => {
            if (all.length === 0) this.#note('unreachable', `the name ${host} leads nowhere: no DNS knows it now`);
            found(interleave(all).map((ip) => ({ address, host: ip, port })));
          });
      }
    } catch (error) {
      this.#note('unreachable', error instanceof Fault ? error.message : 'the relay cannot be reached');
    }
  }

  #lane(name: string): (routes: readonly Route[]) => void {
    const lane: Lane = { name, routes: undefined };
    this.#lanes.push(lane);
    return (routes) => {
      if (lane.routes !== undefined) return;
      lane.routes = routes.slice(0, linkLimit.routesPerLane);
      if (!this.#isAsking) this.#next();
    };
  }

  /** Begins one way if it is time for one, and sees when there is none left. */
  #next(): void {
    if (this.#isOver || this.#isHolding) return;
    const route = this.#pick();
    if (route !== undefined) {
      this.#begin(route);
      return;
    }
    const isDone = this.#lanes.every(({ routes }) => routes?.length === 0);
    if (!isDone || this.#running.size > 0) return;
    this.#end();
    this.#events.failed();
  }

  /** The next way of the lane whose turn it is. A lane that is about to be known is waited for, for a moment. */
  #pick(): Route | undefined {
    for (const lane of this.#lanes) {
      if (lane.routes === undefined && this.#isPatient) return undefined;
      const route = lane.routes?.shift();
      if (route === undefined) continue;
      this.#lanes = [...this.#lanes.filter((each) => each !== lane), lane];
      return route;
    }
    return undefined;
  }

  #begin(route: Route): void {
    this.#begun += 1;
    if (this.#begun >= linkLimit.routesPerRace) for (const lane of this.#lanes) lane.routes = [];
    this.#isHolding = true;
    this.#cancelStagger = this.#after(linkLimit.staggerMs, () => this.#goOn());
    const through = route.proxy === undefined ? '' : 'through the proxy: ';
    let socket: SocketLike | undefined;
    try {
      const made = this.#ports.connect(route, this.#plan.relay, {
        onOpen: () => this.#win(made, route),
        onMessage: (bytes) => this.#isWinner(made) && this.#events.onMessage(bytes),
        onHeard: () => this.#isWinner(made) && this.#events.onHeard(),
        onClose: (code, text) => {
          if (this.#isWinner(made)) this.#events.onClose(code, text);
          else if (this.#running.delete(made)) this.#failed(code, `${through}${text}`);
        },
      });
      socket = made;
    } catch (error) {
      this.#failed('unreachable', error instanceof Fault ? error.message : 'the relay cannot be reached');
    }
    if (socket !== undefined) this.#running.add(socket);
  }

  #isWinner(socket: SocketLike): boolean {
    return this.#winner === socket;
  }

  #failed(code: DownCode, text: string): void {
    this.#note(code, text);
    this.#goOn();
  }

  #note(code: DownCode, text: string): void {
    this.#failures.push({ code, text });
  }

  /** The next way need not wait any more. */
  #goOn(): void {
    this.#cancelStagger?.();
    this.#isHolding = false;
    this.#next();
  }

  #win(socket: SocketLike, route: Route): void {
    if (!this.#running.delete(socket)) return;
    this.#winner = socket;
    this.#end();
    this.#events.won(socket, route);
  }

  #after(ms: number, fire: () => void): () => void {
    const cancel = this.#ports.setTimer(ms, () => {
      this.#timers.delete(cancel);
      fire();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  #end(): void {
    this.#isOver = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    for (const socket of this.#running) socket.close();
    this.#running.clear();
  }
}
