/** What is added to the peers: our relay plain, with TLS, on a store of a million, and a ws server that does nothing. */
import { barePeer } from './bare.mjs';
import { musterPeer } from './peer.mjs';

export const all = [
  musterPeer('muster'),
  musterPeer('muster-tls', { isPlain: false }),
  musterPeer('muster-million', { template: 'million' }),
  barePeer('ws-bare', { isPlain: true }),
  barePeer('ws-bare-tls', { isPlain: false }),
];
