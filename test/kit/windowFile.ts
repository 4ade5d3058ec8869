/** What a device that is not there does with files that a window gives it or takes out of it. */
import type { GiveHandlers, TakeHandlers } from '../../src/ipc/contract.ts';
import type { FileView } from '../../src/ipc/view.ts';
import { utf8 } from '../../src/wire/bytes.ts';
import { CallerFault } from '../../src/wire/fault.ts';

const head = 'muster courier 1\n';

/** A courier file whose rest says what the device makes of it. */
export const courierFile = (rest: 'whole' | 'cut' | 'have' | 'nothing new'): Uint8Array => utf8(`${head}${rest}`);

/** A file of somebody, not fetched. */
export const makeFile = (entry: string): FileView => ({
  entry,
  name: 'firewall.log',
  size: 2_400_000,
  authorName: '',
  own: false,
  atMs: 0,
  state: 'elsewhere',
  offered: false,
  chunks: 38,
  here: 0,
  sentChunks: 0,
  relays: 0,
  relaysTotal: 3,
});

export function createFakeCarried(
  told: (room: string, name: string, size: number) => string,
  fileOf: (entry: string) => FileView | undefined,
): { give: GiveHandlers; take: TakeHandlers } {
  let has = 0;
  return {
    give: {
      'file.send': async ({ room }, { name, pieces }) => {
        let size = 0;
        for await (const piece of pieces) size += piece.length;
        return { entry: told(room, name, size) };
      },
      'courier.read': async (_args, { pieces }) => {
        let text = '';
        for await (const piece of pieces) text += new TextDecoder('latin1').decode(piece);
        const none = { envelopes: 0, fresh: 0, known: 0, foreign: 0, entries: 0, has: 0 };
        if (!text.startsWith(head)) return { ...none, trouble: 'it is no courier file' };
        const rest = text.slice(head.length);
        if (rest === 'have') {
          has = 1_204;
          return { ...none, has };
        }
        if (rest === 'nothing new') return { ...none, envelopes: 311, known: 311 };
        const taken = { envelopes: 346, fresh: 14, known: 312, foreign: 20, entries: 12, has: 0 };
        return rest === 'cut' ? { ...taken, trouble: 'it was cut off' } : taken;
      },
    },
    take: {
      'file.save': ({ entry }) => {
        const file = fileOf(entry);
        if (file?.state !== 'here') throw new CallerFault('not-allowed', 'This file is not whole on this device yet.');
        return { name: file.name, pieces: [utf8('what was sent')] };
      },
      'courier.pack': ({ lacking }) => ({
        name: '2026-03-02.courier',
        pieces: [utf8(head), utf8(lacking ? `without ${has}` : 'everything')],
      }),
      'courier.have': () => ({ name: '2026-03-02.have', pieces: [utf8(head)] }),
    },
  };
}
