/**
 * The relay's log: JSON lines. Addresses and topic ids pass here with each event that has one, and are written only
 * when the operator asked for them; nowhere else is that decided.
 */
import { type LevelWithSilent, pino } from 'pino';
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

export interface LogOptions {
  readonly level: LevelWithSilent;
  readonly hasAddresses: boolean;
  readonly hasTopics: boolean;
  /** A word in every line, so that relays of one machine can be told apart. */
  readonly name?: string | undefined;
}

/** Writes each line to `write`, its line end with it. */
export function openLog(options: LogOptions, write: (line: string) => void): Log {
  const redact = [...(options.hasAddresses ? [] : ['address']), ...(options.hasTopics ? [] : ['topic'])];
  const base = options.name === undefined ? {} : { relay: options.name };
  return pino({ base, level: options.level, redact: { paths: redact, remove: true } }, { write });
}
