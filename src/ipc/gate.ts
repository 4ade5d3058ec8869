/**
 * The one door between a window and a responder. Everything a window says is a stranger's claim until the contract's
 * check has passed it; everything that goes wrong behind the door comes back as a reply, never as an exception.
 *
 * It must never log or keep arguments: the passphrase passes here. Nor may the text of an unknown error reach the
 * window or the log, since such a text can quote what it was given.
 */
import { Fault } from '../wire/fault.ts';
import { type CallName, contract, type Handlers, type Reply } from './contract.ts';

export type Gate = (name: unknown, args: unknown) => Promise<Reply<unknown>>;

/** What may be written down about a call that failed. */
export interface GateLine {
  readonly call: CallName;
  readonly code: string;
}

const isCall = (name: unknown): name is CallName => typeof name === 'string' && Object.hasOwn(contract, name);

const refuse = (code: string, text: string): Reply<never> => ({ ok: false, code, text });

/** Replies to every call; the promise it returns is never rejected. */
export function createGate(handlers: Handlers, log?: (line: GateLine) => void): Gate {
  return async (name, args) => {
    if (!isCall(name))
      return refuse('invalid', 'This window asked for something that this version of Muster does not have.');
    const checked = contract[name].args.safeParse(args);
    if (!checked.success) {
      log?.({ call: name, code: 'invalid' });
      return refuse('invalid', 'Muster could not use what was entered. Nothing was changed.');
    }
    // The table pairs each handler with its own argument type; TypeScript loses the pair when the name is a union.
    const handler = handlers[name] as (checked: unknown) => unknown;
    try {
      return { ok: true, value: await handler(checked.data) };
    } catch (error) {
      if (error instanceof Fault) {
        log?.({ call: name, code: error.code });
        return refuse(error.code, error.message);
      }
      log?.({ call: name, code: 'broken' });
      return refuse(
        'broken',
        'Something went wrong inside Muster. What was already saved is still there. Try again; if it happens twice, restart Muster.',
      );
    }
  };
}
