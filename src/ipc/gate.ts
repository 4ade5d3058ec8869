/**
 * The one door between a window and a responder. Everything a window says is a stranger's claim until the contract's
 * check has passed it; everything that goes wrong behind the door comes back as a reply, never as an exception.
 *
 * It must never log or keep arguments: the passphrase passes here. Nor may the text of an unknown error reach the
 * window or the log, since such a text can quote what it was given.
 */
import { CallerFault, Fault } from '../wire/fault.ts';
import {
  type CallName,
  contract,
  type GiveHandlers,
  giving,
  type Handlers,
  type Reply,
  type TakeHandlers,
  taking,
} from './contract.ts';
import { facts as factsCheck, measured, type Outgoing, type Pieces } from './given.ts';

export type Gate = (name: unknown, args: unknown) => Promise<Reply<unknown>>;
/** `facts`: what the window says of the file, a stranger's claim like the rest. */
export type GiveGate = (name: unknown, args: unknown, facts: unknown, pieces: Pieces) => Promise<Reply<unknown>>;
export type TakeGate = (name: unknown, args: unknown) => Promise<Reply<Outgoing>>;

/** What may be written down about a call that failed. */
export interface GateLine {
  readonly call: CallName | keyof GiveHandlers | keyof TakeHandlers;
  readonly code: string;
}
type Log = (line: GateLine) => void;

const refuse = (code: string, text: string): Reply<never> => ({ ok: false, code, text });

/** What a window is told of something that went wrong. */
export function replyOf(error: unknown): Extract<Reply<never>, { ok: false }> {
  return error instanceof Fault
    ? { ok: false, code: error.code, text: error.message }
    : {
        ok: false,
        code: 'broken',
        text: 'Something went wrong inside Muster. What was already saved is still there. Try again; if it happens twice, restart Muster.',
      };
}

type Table = Readonly<Record<string, { readonly args: { safeParse(args: unknown): Checked } }>>;
type Checked = { readonly success: true; readonly data: unknown } | { readonly success: false };

/** Checks a call against a table and hands it on; the promise it returns is never rejected. */
async function pass<R>(
  table: Table,
  name: unknown,
  args: unknown,
  handle: (name: string, checked: unknown) => R | Promise<R>,
  log?: Log,
): Promise<Reply<R>> {
  if (typeof name !== 'string' || !Object.hasOwn(table, name))
    return refuse('invalid', 'This window asked for something that this version of Muster does not have.');
  // It is of this table, so of one of the three.
  const call = name as GateLine['call'];
  const checked = table[name]?.args.safeParse(args);
  if (checked?.success !== true) {
    log?.({ call, code: 'invalid' });
    return refuse('invalid', 'Muster could not use what was entered. Nothing was changed.');
  }
  try {
    return { ok: true, value: await handle(name, checked.data) };
  } catch (error) {
    const reply = replyOf(error);
    log?.({ call, code: reply.code });
    return reply;
  }
}

// The tables pair each handler with its own argument type; TypeScript loses the pair when the name is a union.
type Any<R> = Readonly<Record<string, (...args: readonly unknown[]) => R | Promise<R>>>;

/** Replies to every call. */
export function createGate(handlers: Handlers, log?: Log): Gate {
  const any = handlers as unknown as Any<unknown>;
  return (name, args) => pass(contract, name, args, (known, checked) => any[known]?.(checked), log);
}

/** The same for calls that come with a file. What comes of it is held to what was said of it. */
export function createGiveGate(handlers: GiveHandlers, log?: Log): GiveGate {
  const any = handlers as unknown as Any<unknown>;
  return (name, args, facts, pieces) =>
    pass(
      giving,
      name,
      args,
      (known, checked) => {
        const said = factsCheck.safeParse(facts);
        if (!said.success) throw new CallerFault('invalid', 'Muster takes no file like this. Nothing was changed.');
        return any[known]?.(checked, { ...said.data, pieces: measured(said.data.size, pieces) });
      },
      log,
    );
}

/** The same for calls that are answered with a file. Reading it may still fail: `replyOf` says how. */
export function createTakeGate(handlers: TakeHandlers, log?: Log): TakeGate {
  const any = handlers as unknown as Any<Outgoing>;
  return (name, args) =>
    pass(
      taking,
      name,
      args,
      (known, checked) => {
        const handler = any[known];
        if (handler === undefined) throw new CallerFault('not-found', 'There is nothing to take.');
        return handler(checked);
      },
      log,
    );
}
