/**
 * The relay's log: JSON lines. Addresses and topic ids pass here with each event that has one, and are written only
 * when the operator asked for them; nowhere else is that decided.
 */
import type { TopicId } from '../src/wire/id.ts';

export interface Log {
  debug(fields: Fields, text: string): void;
  info(fields: Fields, text: string): void;
  warn(fields: Fields, text: string): void;
  error(fields: Fields, text: string): void;
}

/** What a line may hold. `address` and `topic` are dropped unless asked for. */
export interface Fields {
  readonly code?: string;
  readonly reason?: string;
  readonly err?: unknown;
  readonly count?: number;
  readonly address?: string | undefined;
  readonly topic?: TopicId | undefined;
}

/** The numbers by which readers of such lines know a level. */
const levels = { debug: 20, info: 30, warn: 40, error: 50, silent: 60 } as const;
type Level = keyof typeof levels;

export interface LogOptions {
  readonly level: Level;
  readonly hasAddresses: boolean;
  readonly hasTopics: boolean;
  /** A word in every line, so that relays of one machine can be told apart. */
  readonly name?: string | undefined;
}

/** Writes each line to `write`, its line end with it. */
export function openLog(options: LogOptions, write: (line: string) => void): Log {
  const base = options.name === undefined ? {} : { relay: options.name };
  const at = (level: Level) => (fields: Fields, msg: string) => {
    if (levels[level] < levels[options.level]) return;
    const { address, topic, err, ...rest } = fields;
    const line = {
      ...{ level: levels[level], time: Date.now(), ...base, ...rest },
      ...(options.hasAddresses && { address }),
      ...(options.hasTopics && { topic }),
      ...(err !== undefined && { err: shown(err) }),
      msg,
    };
    write(`${JSON.stringify(line)}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** An error with what caused it, five deep: causes may go round in a circle. Anything else as a text. */
function shown(error: unknown, deep = 5): unknown {
  if (!(error instanceof Error) || deep === 0) return String(error);
  const { name: type, message, stack, cause } = error;
  const code = 'code' in error ? { code: String(error.code) } : {};
  return { type, message, ...code, stack, ...(cause !== undefined && { cause: shown(cause, deep - 1) }) };
}
