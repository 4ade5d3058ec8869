/** Files that a window gives to the device or takes out of it: one handler for each call of `giving` and `taking`. */
import { entryId, roomId } from '../core/id.ts';
import type { GiveHandlers, TakeHandlers } from '../ipc/contract.ts';
import { openFile, sendGiven } from './attach.ts';
import { packCourier, packHave, type Taken, takeCourier } from './courier.ts';
import type { Responder } from './responder.ts';

/** `open`: the device; throws `CallerFault('locked')`. */
export function createCarried(open: () => Responder): { give: GiveHandlers; take: TakeHandlers; forget(): void } {
  let has: ReadonlySet<string> = new Set();
  const dayOf = (device: Responder) => new Date(device.nowMs).toISOString().slice(0, 10);
  return {
    give: {
      'courier.read': async (_args, { pieces }) => {
        const taken = await takeCourier(open(), pieces);
        if (taken.fault === undefined && taken.has.size > 0) has = taken.has;
        return viewTaken(taken);
      },
      'file.send': async ({ room }, given) => {
        const { entry } = await sendGiven(open(), roomId.parse(room), given);
        return { entry: entry ?? '' };
      },
    },
    take: {
      'courier.pack': ({ lacking }) => {
        const device = open();
        return {
          name: `${dayOf(device)}.courier`,
          pieces: packCourier(device, { sinceMs: 0, has: lacking ? has : new Set() }),
        };
      },
      'courier.have': () => {
        const device = open();
        return { name: `${dayOf(device)}.have`, pieces: packHave(device) };
      },
      'file.save': ({ room, entry }) => openFile(open().vault, roomId.parse(room), entryId.parse(entry)),
    },
    forget() {
      has = new Set();
    },
  };
}

function viewTaken({ envelopes, fresh, known, foreign, entries, has, fault }: Taken) {
  return {
    envelopes,
    fresh,
    known,
    foreign,
    entries,
    has: fault === undefined ? has.size : 0,
    ...(fault === undefined ? {} : { trouble: fault.message }),
  };
}
