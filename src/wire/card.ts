/**
 * A relay as its operator hands it over: the text of `relay.json`, which is also what the QR codes of a relay hold. Public;
 * nothing secret may ever be added. A relay writes it, a custodian's program reads it (src/directory/relays.ts).
 */
import type { RelayId } from './id.ts';

export interface RelayCard {
  readonly relay: RelayId;
  readonly name: string;
  readonly operator: string;
  /** HOST:PORT or [HOST]:PORT, the first one tried first. */
  readonly addresses: readonly string[];
}

/** What a custodian's program takes of one. Characters; of each address too. */
export const cardLimit = { name: 120, operator: 120, addresses: 8, address: 200 } as const;

export const writeRelayCard = ({ relay, name, operator, addresses }: RelayCard): string =>
  `${JSON.stringify({ pin: relay, name, operator, addresses }, null, 2)}\n`;
