/** `muster relay`: the relay's own commands, in a program that also reads whole muster lists. */
import type { Command } from 'commander';
import { addCommands } from '../../server/command/program.ts';
import { readAdmission } from '../core/admission.ts';
import { readBundle } from '../core/bundle.ts';
import { sodiumChecker } from '../core/verify.ts';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';
import type { Io } from './io.ts';

export function addRelay(program: Command, io: Io): void {
  const relay = program.command('relay').description('Run a relay: it stores and forwards, and can read nothing');
  addCommands(relay, { ...io, program: 'muster relay', admissionOf: readAdmissionPart });
}

/** Of an issued list the part a relay may see, or that part alone. Throws `PeerFault`. */
function readAdmissionPart(bytes: Bytes): Bytes {
  try {
    return readBundle(bytes).admission;
  } catch (fault) {
    if (!(fault instanceof PeerFault) || fault.code !== 'malformed') throw fault;
    readAdmission(bytes, sodiumChecker);
    return bytes;
  }
}
