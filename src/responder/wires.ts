/** The links of a device, one to each relay of its muster list, and what they did not take yet. */
import { readAdmission } from '../core/admission.ts';
import type { Bundle } from '../core/bundle.ts';
import type { DeviceKeys } from '../core/certificate.ts';
import { sign } from '../core/key.ts';
import { sodiumChecker } from '../core/verify.ts';
import { Link } from '../link/link.ts';
import type { ProxySetting } from '../link/proxy.ts';
import { Broken } from '../wire/fault.ts';
import type { ClientFrame } from '../wire/frame.ts';
import { accessKey, type RelayId } from '../wire/id.ts';
import type { RelayEvent } from './lookout.ts';
import type { Ports } from './port.ts';

/** How soon frames that a slow link did not take are offered again. */
const retrySendMs = 50;

interface Wire {
  readonly link: Link;
  /** Frames the link did not take yet, in order. */
  waiting: ClientFrame[];
}

export class Wires {
  readonly #ports: Pick<Ports, 'link' | 'setTimer'>;
  readonly #wires = new Map<RelayId, Wire>();

  constructor(ports: Pick<Ports, 'link' | 'setTimer'>) {
    this.#ports = ports;
  }

  /** Begins to connect. What relays say comes by `take`. */
  start(
    { list, admission }: Bundle,
    { access }: DeviceKeys,
    proxy: ProxySetting,
    take: (said: RelayEvent) => void,
  ): void {
    const { version } = readAdmission(admission, sodiumChecker).admission;
    for (const relay of list.relays) {
      const link = new Link(
        {
          relay: relay.id,
          addresses: relay.addresses,
          proxy,
          org: list.org,
          access: accessKey.of(access.publicKey),
          signAccess: (parts) => sign(access, 'access', ...parts),
          admission: () => ({ version, list: admission }),
        },
        this.#ports.link,
        {
          up: ({ relay: _, rttMs: __, admission: ___, ...up }) => {
            this.#wire(relay.id).waiting = [];
            take({ type: 'link-up', relay: relay.id, ...up });
          },
          down: ({ text }) => {
            this.#wire(relay.id).waiting = [];
            take({ type: 'link-down', relay: relay.id, text });
          },
          frame: (_, frame) => take({ type: 'frame', relay: relay.id, frame }),
        },
      );
      this.#wires.set(relay.id, { link, waiting: [] });
    }
  }

  wake(): void {
    for (const { link } of this.#wires.values()) link.wake();
  }

  renew(): void {
    for (const { link } of this.#wires.values()) link.renew();
  }

  goBy(proxy: ProxySetting): void {
    for (const { link } of this.#wires.values()) link.goBy(proxy);
  }

  /** The relay must say again what it said: it could not be kept. */
  restart(relay: RelayId): void {
    this.#wire(relay).link.restart();
  }

  send(relay: RelayId, frame: ClientFrame): void {
    const wire = this.#wire(relay);
    wire.waiting.push(frame);
    if (wire.waiting.length === 1) this.#drain(wire);
  }

  close(): void {
    for (const { link } of this.#wires.values()) link.close();
  }

  #wire(relay: RelayId): Wire {
    const wire = this.#wires.get(relay);
    if (wire === undefined) throw new Broken('broken', 'a link spoke for a relay that is not on the list');
    return wire;
  }

  #drain(wire: Wire): void {
    for (let next = wire.waiting[0]; next !== undefined; next = wire.waiting[0]) {
      if (!wire.link.isUp) {
        wire.waiting = []; // the engine offers it all again when the link is back
        return;
      }
      if (!wire.link.send(next)) {
        this.#ports.setTimer(retrySendMs, () => this.#drain(wire));
        return;
      }
      wire.waiting.shift();
    }
  }
}
