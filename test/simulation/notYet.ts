/**
 * What is off because the engine is known not to stand it yet, and why. Deleting a line switches it on. A kind of mishap
 * that is off is not drawn; a check that is off is not made.
 */
import type { Mishap } from './type.ts';

export const mishapsNotYet: Partial<Record<Mishap['type'], string>> = {};

export const checksNotYet: Partial<Record<'refilled', string>> = {};
