/**
 * Errors by whose fault they are. Every error that crosses a boundary of Muster is one of these four,
 * with a stable code for programs and a sentence for people: what happened, what was kept, what to do.
 *
 * A fault never carries key material, message text or a name: codes and sentences go to logs and screens.
 */

/** Bytes or claims from outside that do not hold. */
export type PeerCode =
  | 'malformed' // not the canonical form of the structure that was expected
  | 'too-large'
  | 'bad-signature'
  | 'bad-commitment' // the key commitment of a ciphertext does not match: wrong key or altered bytes
  | 'bad-ciphertext'
  | 'bad-padding'
  | 'unknown-suite'
  | 'unknown-key' // a prekey or epoch that this device does not hold
  | 'not-a-member' // the author is not in the roster that applies
  | 'unknown-reference' // names an operation or a list that is not here
  | 'out-of-place' // feed position, room or context does not fit
  | 'equivocation' // two different records claim the same place
  | 'rolled-back' // an older version than the one already held
  | 'threshold' // too few custodian signatures
  | 'wrong-organisation'
  | 'wrong-pin' // a relay showed a key other than the pinned one
  | 'wrong-order'; // a frame that does not belong here in the conversation

/** What the user or the calling program asked for cannot be done as asked. */
export type CallerCode =
  | 'invalid' // an argument has the wrong shape
  | 'not-found'
  | 'already-there'
  | 'locked' // the vault is closed
  | 'wrong-passphrase'
  | 'bad-login' // the name and the password that were given with a proxy cannot be used
  | 'not-allowed';

/** A limit or a rule said no. Nothing is broken; trying later or asking for less may work. */
export type RefusedCode =
  | 'not-admitted' // the device is not on the admission list, or was revoked
  | 'rate'
  | 'quota'
  | 'busy'
  | 'unsupported-version'
  | 'disk';

/** Ours: a bug or a broken machine. */
export type OursCode = 'broken' | 'io' | 'corrupt';

export type FaultCode = PeerCode | CallerCode | RefusedCode | OursCode;

export abstract class Fault extends Error {
  abstract readonly side: 'peer' | 'caller' | 'refused' | 'ours';
  readonly code: FaultCode;

  constructor(code: FaultCode, text: string, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
    this.name = new.target.name;
  }
}

export class PeerFault extends Fault {
  override readonly side = 'peer';
  declare readonly code: PeerCode;
  constructor(code: PeerCode, text: string, options?: ErrorOptions) {
    super(code, text, options);
  }
}

export class CallerFault extends Fault {
  override readonly side = 'caller';
  declare readonly code: CallerCode;
  constructor(code: CallerCode, text: string, options?: ErrorOptions) {
    super(code, text, options);
  }
}

export class Refused extends Fault {
  override readonly side = 'refused';
  declare readonly code: RefusedCode;
  constructor(code: RefusedCode, text: string, options?: ErrorOptions) {
    super(code, text, options);
  }
}

export class Broken extends Fault {
  override readonly side = 'ours';
  declare readonly code: OursCode;
  constructor(code: OursCode, text: string, options?: ErrorOptions) {
    super(code, text, options);
  }
}
