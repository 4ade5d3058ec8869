/** Whoever is or was on a muster list: what is past is judged by both. Who may read and write now is not asked here. */
import type { SignKeyOf } from './entry.ts';
import type { DeviceId, MemberId } from './id.ts';
import type { FormerDevice, ListDevice, MusterList } from './list.ts';

export const findDevice = (list: MusterList, device: DeviceId): ListDevice | FormerDevice | undefined =>
  list.devices.get(device) ?? list.former.get(device);

export const everyDevice = (list: MusterList): readonly (ListDevice | FormerDevice)[] => [
  ...list.devices.values(),
  ...list.former.values(),
];

export const memberOf = (list: MusterList, device: DeviceId): MemberId | undefined => findDevice(list, device)?.member;

export const signKeyIn =
  (list: MusterList): SignKeyOf =>
  (device) =>
    findDevice(list, device)?.signKey;
