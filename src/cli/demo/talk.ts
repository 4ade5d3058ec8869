/** What the demo and its device processes say to each other over Node's channel. Checked on both sides like any input. */
import { z } from 'zod';

const device = z.string().min(1).max(60);

export const toHost = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('make'),
    id: z.int(),
    device,
    name: z.string(),
    dir: z.string(),
    passphrase: z.string(),
  }),
  z.strictObject({
    type: z.literal('open'),
    id: z.int(),
    device,
    dir: z.string(),
    passphrase: z.string(),
    bundle: z.string(),
  }),
  /** A call of the ipc table, exactly as a window makes it. */
  z.strictObject({ type: z.literal('call'), id: z.int(), device, call: z.string(), args: z.unknown() }),
  z.strictObject({ type: z.literal('export'), id: z.int(), device, drill: z.string(), out: z.string() }),
  z.strictObject({ type: z.literal('window'), id: z.int(), device }),
]);
export type ToHost = z.infer<typeof toHost>;

export const fromHost = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('done'), id: z.int(), value: z.unknown() }),
  z.strictObject({ type: z.literal('failed'), id: z.int(), code: z.string(), text: z.string() }),
]);
export type FromHost = z.infer<typeof fromHost>;
