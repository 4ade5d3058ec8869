/**
 * What a peer is told when something is refused: few codes, one coarse sentence each. The exact reason stays in
 * our log; a stranger learns the same from "wrong", "unknown" and "forbidden".
 */
import { Fault, type FaultCode } from '../src/wire/fault.ts';
import type { RefusalCode } from '../src/wire/frame.ts';

const sentence = {
  'not-admitted': 'this relay does not admit this device',
  malformed: 'that was not a frame of this protocol',
  'too-large': 'that is larger than this relay takes',
  rate: 'too much at once; try again later',
  quota: 'the organisation has used up its space at this relay',
  busy: 'the relay has its hands full; try again later',
  'unsupported-version': 'this relay speaks none of the versions offered',
  disk: 'the relay cannot write to its disk; nothing of this was stored',
  'wrong-order': 'that frame does not belong here',
  'rolled-back': 'a newer admission list is in force',
  'bad-signature': 'the admission list does not carry the custodian signatures it needs',
  broken: 'the relay failed at this; nothing of it was stored',
} satisfies Record<RefusalCode, string>;

export const refusalText = (code: RefusalCode): string => sentence[code];

/** Said of a topic that is served all the same, but for what is damaged. */
export const leftOutText = 'some of what this relay kept is damaged and was left out; the rest goes on';

/** The code a peer is shown for a fault. Anything that is not a Fault is our own bug: `broken`. */
export function refusalCodeOf(error: unknown): RefusalCode {
  if (!(error instanceof Fault)) return 'broken';
  const code: FaultCode = error.code;
  switch (code) {
    case 'threshold':
    case 'bad-signature':
      return 'bad-signature';
    case 'wrong-organisation':
      return 'not-admitted';
    case 'unknown-suite':
      return 'malformed';
    default:
      return isRefusal(code) ? code : 'broken';
  }
}

const isRefusal = (code: string): code is RefusalCode => Object.hasOwn(sentence, code);
