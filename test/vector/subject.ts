/**
 * What a vector is about: per subject, one reading of its input by the real code. A positive vector says what comes
 * out, a negative one which fault. Bytes are lower-case hex in inputs and outputs.
 */
import type { Input, Json } from './subject/input.ts';
import { listSubjects } from './subject/list.ts';
import { roomSubjects } from './subject/room.ts';
import { wireSubjects } from './subject/wire.ts';

export type { Input } from './subject/input.ts';
export { shapes } from './subject/wire.ts';

export interface Vector {
  readonly name: string;
  readonly input: Input;
  /** `ok`, or the code of the fault. */
  readonly expect: string;
  readonly output?: Json;
}

export const subjects: Readonly<Record<string, (input: Input) => unknown>> = {
  ...wireSubjects,
  ...listSubjects,
  ...roomSubjects,
};
