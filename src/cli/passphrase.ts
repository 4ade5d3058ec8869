/** Passphrases: asked for without showing them, or the first line of a file for scripts. Never an argument. */
import type { Command } from 'commander';
import { fromUtf8 } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import { readBytes } from './file.ts';
import type { Io } from './io.ts';

/** Whoever copies the file can guess without limit, so the stretching alone does not carry a short one. */
const leastCharacters = 12;

export interface PassphraseFlags {
  readonly passphraseFile?: string;
}

export const addPassphraseOption = (command: Command): Command =>
  command.option('--passphrase-file <file>', 'read the passphrase from the first line of a file instead of asking');

/** Throws `CallerFault('invalid')` when there is neither a file nor a terminal to ask on. */
export async function askPassphrase(io: Io, flags: PassphraseFlags, what: string): Promise<string> {
  return flags.passphraseFile === undefined
    ? ask(io, `Passphrase of ${what}: `)
    : readFirstLine(io, flags.passphraseFile);
}

/** For something new: twice, and long enough. */
export async function askNewPassphrase(io: Io, flags: PassphraseFlags, what: string): Promise<string> {
  const passphrase =
    flags.passphraseFile === undefined
      ? await ask(io, `New passphrase for ${what} (${leastCharacters} characters at least): `)
      : readFirstLine(io, flags.passphraseFile);
  if ([...passphrase].length < leastCharacters) {
    throw new CallerFault(
      'invalid',
      `A passphrase needs ${leastCharacters} characters at least; four or five words do well. Nothing was made.`,
    );
  }
  if (flags.passphraseFile === undefined && (await ask(io, 'The same again: ')) !== passphrase) {
    throw new CallerFault('invalid', 'The two passphrases differ. Nothing was made; try again.');
  }
  return passphrase;
}

/** Another word that must not stand in the process list. Throws `CallerFault('invalid')`. */
export const askWord = async (io: Io, file: string | undefined, question: string): Promise<string> =>
  file === undefined ? ask(io, question) : readFirstLine(io, file);

async function ask(io: Io, question: string): Promise<string> {
  const answer = await io.askSecret(question);
  if (answer === undefined)
    throw new CallerFault('invalid', 'There is no terminal to ask on: give --passphrase-file FILE.');
  if (answer === '') throw new CallerFault('invalid', 'Nothing was typed. Nothing was changed.');
  return answer;
}

function readFirstLine(io: Io, path: string): string {
  const [line = ''] = fromUtf8(readBytes(io, path, 64 * 1024)).split(/\r?\n/, 1);
  if (line === '')
    throw new CallerFault('invalid', `The first line of ${path} is empty: it must hold the passphrase or password.`);
  return line;
}
