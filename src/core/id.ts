/** Names of the things only devices know; see wire/id.ts for how ids are carried. */
import type { Bytes } from '../wire/bytes.ts';
import { type Id, type IdKind, idKind } from '../wire/id.ts';
import { hash } from './verify.ts';

/** H("member", identity key). */
export type MemberId = Id<'member'>;
/** H("device", signing key). */
export type DeviceId = Id<'device'>;
export type RoomId = Id<'room'>;
export type EntryId = Id<'entry'>;
export type EpochId = Id<'epoch'>;
export type PrekeyId = Id<'prekey'>;
export type ListId = Id<'list'>;
export type DrillId = Id<'drill'>;
/** H("file", salt, size, leaves): what an attachment is, to the byte. */
export type FileId = Id<'file'>;

export const memberId: IdKind<'member'> = idKind('member');
export const deviceId: IdKind<'device'> = idKind('device');
export const roomId: IdKind<'room'> = idKind('room');
export const entryId: IdKind<'entry'> = idKind('entry');
export const epochId: IdKind<'epoch'> = idKind('epoch');
export const prekeyId: IdKind<'prekey'> = idKind('prekey');
export const listId: IdKind<'list'> = idKind('list');
export const drillId: IdKind<'drill'> = idKind('drill');
export const fileId: IdKind<'file'> = idKind('file');

export const memberOf = (identityKey: Bytes): MemberId => memberId.of(hash('member', identityKey));
export const deviceOf = (signKey: Bytes): DeviceId => deviceId.of(hash('device', signKey));
