/**
 * Files between the window and the main process. What comes in is read by the page, which has the file that the person
 * dropped or picked and no path; what goes out is written here, to a place the person chooses in the system's own dialog.
 * So a page that fell into wrong hands can name no file of this machine, to be read or to be written.
 */
import { once } from 'node:events';
import { basename } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Reply, TakenOut } from '../ipc/contract.ts';
import { replyOf } from '../ipc/gate.ts';
import type { WindowHost } from '../ipc/host.ts';
import { maxPieceBytes } from '../ipc/limit.ts';
import { writeNew } from '../responder/write.ts';

/** Files on their way in at one time: a person gives one after the other. */
const maxGiving = 4;

interface Flow {
  readonly stream: PassThrough;
  /** What the responder says to it; also before the end, when it wants no more. */
  readonly reply: Promise<Reply<unknown>>;
}

const lost = {
  ok: false,
  code: 'invalid',
  text: 'The file was not read to its end. Nothing was kept; give it again.',
} as const;

/** Answers the steps of `GiveStep`; whatever else a window says is refused. `end` lets go of what is half there. */
export function createGiving(give: WindowHost['give']): {
  step(...step: readonly unknown[]): Promise<Reply<unknown>>;
  end(): void;
} {
  const flows = new Map<number, Flow>();
  let tickets = 0;
  const leave = (ticket: number) => {
    flows.get(ticket)?.stream.destroy(new Error('left'));
    flows.delete(ticket);
  };
  const begin = (name: unknown, args: unknown, facts: unknown): Reply<unknown> => {
    // A page that was loaded anew has left behind what it had begun.
    for (const [oldest] of flows) if (flows.size >= maxGiving) leave(oldest);
    tickets += 1;
    const stream = new PassThrough({ highWaterMark: maxPieceBytes });
    // Whoever reads it hears of it by the reading; a listener is what keeps Node from ending over it.
    stream.on('error', () => undefined);
    flows.set(tickets, { stream, reply: give(name, args, facts, stream) });
    return { ok: true, value: tickets };
  };
  const piece = async (ticket: number, { stream, reply }: Flow, bytes: unknown): Promise<Reply<unknown>> => {
    if (!(bytes instanceof Uint8Array) || bytes.length > maxPieceBytes) return lost;
    if (!stream.destroyed && !stream.write(bytes))
      await Promise.race([once(stream, 'drain').catch(() => undefined), reply]);
    if (!stream.destroyed) return { ok: true, value: ticket };
    flows.delete(ticket);
    return reply;
  };
  return {
    async step(kind, first, second, third) {
      if (kind === 'begin') return begin(first, second, third);
      const flow = typeof first === 'number' ? flows.get(first) : undefined;
      if (flow === undefined || typeof first !== 'number') return lost;
      if (kind === 'piece') return piece(first, flow, second);
      if (kind !== 'end') {
        leave(first);
        return lost;
      }
      flow.stream.end();
      flows.delete(first);
      return flow.reply;
    },
    end() {
      for (const [ticket] of flows) leave(ticket);
    },
  };
}

/** Asks the person where to, with a name to begin with. `undefined`: nowhere. */
export type ChoosePlace = (name: string) => Promise<string | undefined>;

/** Writes what a window asked for to where the person says. */
export async function takeOut(
  take: WindowHost['take'],
  choose: ChoosePlace,
  name: unknown,
  args: unknown,
): Promise<Reply<TakenOut>> {
  const reply = await take(name, args);
  if (!reply.ok) return reply;
  const path = await choose(reply.value.name);
  if (path === undefined) return { ok: true, value: { name: reply.value.name, how: 'left' } };
  try {
    await writeNew(path, reply.value.pieces);
    return { ok: true, value: { name: basename(path), how: 'saved' } };
  } catch (error) {
    return replyOf(error);
  }
}
