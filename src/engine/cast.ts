/** What a device says to its room without anybody keeping it: sealed like everything else, to whoever listens now. */
import { type Frame, sealEnvelope } from '../core/envelope.ts';
import type { Epoch } from '../core/epoch.ts';
import { bucketIn } from './room.ts';
import type { RoomState, State } from './state.ts';
import type { Turn } from './turn.ts';

/** Whether anything that is said now leaves this device. */
export const isUp = (state: State): boolean => [...state.relays.values()].some((relay) => relay.up);

/** Seals a frame in this epoch and casts it over every relay that is up. */
export function castIn(turn: Turn, room: RoomState, epoch: Epoch, frame: Frame): void {
  const up = [...turn.state.relays.values()].filter((relay) => relay.up);
  if (up.length === 0) return;
  const bytes = sealEnvelope(epoch, bucketIn(room, epoch, turn.nowMs), frame, turn.random);
  for (const { id } of up)
    turn.effect({ type: 'send', relay: id, frame: { type: 'cast', topic: room.info.topic, bytes } });
}
