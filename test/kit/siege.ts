/** All that attacks on rules need, from one place: it is loaded from the program as it is, and from altered copies. */
export { makeWant, openEnvelope, sealEnvelope } from '../../src/core/envelope.ts';
export { openEpoch } from '../../src/core/epoch.ts';
export { openPacket } from '../../src/core/packet.ts';
export { readPayload } from '../../src/core/payload.ts';
export { loadSodium } from '../../src/core/sodium.ts';
export { isVoid } from '../../src/core/standing.ts';
export { epochIn, grantTo, packetTo, roomIn, slip, textsIn } from './rogue.ts';
export { World } from './world.ts';
