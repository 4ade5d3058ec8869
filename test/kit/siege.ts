/** All that attacks on rules need, from one place: it is loaded from the program as it is, and from altered copies. */
import { makeWant, openEnvelope, sealEnvelope } from '../../src/core/envelope.ts';
import { openEpoch } from '../../src/core/epoch.ts';
import { openPacket } from '../../src/core/packet.ts';
import { readPayload } from '../../src/core/payload.ts';
import { loadSodium } from '../../src/core/sodium.ts';
import { inRoom, move, say } from './insideRoom.ts';
import { epochIn, grantTo, packetTo, roomIn, slip, textsIn } from './rogue.ts';

export const siege = {
  epochIn,
  grantTo,
  inRoom,
  loadSodium,
  makeWant,
  move,
  openEnvelope,
  openEpoch,
  openPacket,
  packetTo,
  readPayload,
  roomIn,
  say,
  sealEnvelope,
  slip,
  textsIn,
};
export type Siege = typeof siege;
