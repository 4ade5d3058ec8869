/** `muster org`: custodians make their keys, an organisation is founded on the public halves. */
import type { Command } from 'commander';
import { makeGenesis } from '../core/custodian.ts';
import { orgOf, readGenesis } from '../core/genesis.ts';
import { maxCustodians } from '../core/root.ts';
import { systemRandom } from '../responder/device.ts';
import { makeCustodianKey, readCustodianPublic } from '../vault/custodianKey.ts';
import { CallerFault } from '../wire/fault.ts';
import { checkFree, readTextAs, shown, writeNew } from './file.ts';
import type { Io } from './io.ts';
import { readWhole } from './option.ts';
import { addPassphraseOption, askNewPassphrase, type PassphraseFlags } from './passphrase.ts';
import { count, facts } from './say.ts';
import { listJson, readAny, sayList, sayOrganisation } from './show.ts';

interface KeyFlags extends PassphraseFlags {
  readonly name: string;
  readonly out: string;
}
interface FoundFlags {
  readonly name: string;
  readonly custodian: readonly string[];
  readonly threshold: string;
  readonly out: string;
}

export function addOrg(program: Command, io: Io): void {
  const org = program.command('org').description('Found an organisation: the root that everything else is signed by');
  addPassphraseOption(
    org
      .command('key')
      .description('Make a custodian’s key, sealed under a passphrase, and its public half beside it')
      .requiredOption('--name <name>', 'the custodian, as everyone will read it')
      .requiredOption('--out <file.key>', 'where to write it; the public half goes to FILE.pub'),
  )
    .addHelpText('after', '\nExample:\n  muster org key --name "Ada Brandt" --out ada.key')
    .action((flags: KeyFlags) => makeKey(io, flags));
  org
    .command('found')
    .description('Found an organisation on the public keys of its custodians')
    .requiredOption('--name <name>', 'the organisation')
    .requiredOption('--custodian <file.pub...>', 'public keys, one file each')
    .requiredOption('--threshold <n>', 'how many custodians must sign a muster list')
    .requiredOption('--out <file>', 'where to write the genesis')
    .addHelpText(
      'after',
      '\nExample:\n  muster org found --name Nordwerk --custodian ada.pub bela.pub cleo.pub --threshold 2 --out org.genesis',
    )
    .action((flags: FoundFlags) => found(io, flags));
  org
    .command('show')
    .description('Show an organisation, a draft or an issued muster list')
    .argument('<file>', 'org.genesis, a draft or a list')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster org show org.genesis')
    .action((path: string, flags: { readonly json?: boolean }) => show(io, path, flags.json === true));
}

async function makeKey(io: Io, flags: KeyFlags): Promise<void> {
  const publicPath = `${flags.out.replace(/\.key$/, '')}.pub`;
  if (flags.name.trim() === '') throw new CallerFault('invalid', 'A custodian needs a name: --name "Ada Brandt".');
  checkFree(io, flags.out);
  checkFree(io, publicPath);
  const passphrase = await askNewPassphrase(io, flags, 'this custodian key');
  const { secretFile, publicFile } = await makeCustodianKey(flags.name.trim(), passphrase, io.cost, systemRandom);
  writeNew(io, flags.out, secretFile);
  writeNew(io, publicPath, publicFile);
  io.out(`Made the key of custodian ${flags.name.trim()}.`);
  io.out(
    facts([
      [
        'secret',
        `${flags.out}   keep it, with a copy in another place; without it and its passphrase nobody signs as you`,
      ],
      ['public', `${publicPath}   give it to whoever founds the organisation`],
    ]),
  );
}

function found(io: Io, flags: FoundFlags): void {
  const threshold = readWhole('--threshold', flags.threshold, 1, maxCustodians);
  const custodians = flags.custodian.map((path) =>
    readTextAs(io, path, 'a custodian’s public key', readCustodianPublic),
  );
  const secret = flags.custodian.find((_, i) => custodians[i]?.isSecret === true);
  if (secret !== undefined) {
    throw new CallerFault(
      'not-allowed',
      `${secret} is the secret half of a key and belongs to its custodian alone: ask them for FILE.pub.`,
    );
  }
  if (custodians.length > maxCustodians)
    throw new CallerFault('invalid', `An organisation has at most ${maxCustodians} custodians.`);
  if (threshold > custodians.length) {
    throw new CallerFault(
      'invalid',
      `${threshold} signatures cannot be had of ${count(custodians.length, 'custodian')}: lower --threshold or name more custodians.`,
    );
  }
  const keys = custodians.map(({ key }) => Buffer.from(key).toString('hex'));
  if (new Set(keys).size !== keys.length)
    throw new CallerFault('invalid', 'The same custodian key is given twice: each custodian has their own.');
  checkFree(io, flags.out);
  const genesis = makeGenesis(flags.name.trim(), custodians, threshold, systemRandom);
  writeNew(io, flags.out, genesis);
  io.out(sayOrganisation(io, readGenesis(genesis), orgOf(genesis)));
  io.out('');
  io.out(
    `Write the fingerprint on paper, all twelve words, and keep it where an auditor and every member can compare it.`,
  );
  io.out(
    `Everything that is signed for ${flags.name.trim()} hangs off it. It is in ${shown(flags.out)}, which is not secret.`,
  );
  io.out(
    'Next: each relay makes a key (muster relay init), each member a device (muster device init); then muster list draft.',
  );
  if (threshold === 1)
    io.err('With a threshold of 1 any single custodian can change everything alone. Two of three is better.');
}

function show(io: Io, path: string, isJson: boolean): void {
  const file = readAny(io, path);
  if (file.kind === 'organisation') {
    const { genesis, org } = file;
    const custodians = genesis.custodians.map(({ name, key }) => ({ name, key: Buffer.from(key).toString('hex') }));
    if (isJson)
      io.out(
        JSON.stringify({
          state: 'organisation',
          name: genesis.name,
          fingerprint: org,
          threshold: genesis.threshold,
          custodians,
        }),
      );
    else io.out(sayOrganisation(io, genesis, org));
    return;
  }
  const state = file.kind === 'draft' ? 'draft' : 'issued';
  io.out(isJson ? JSON.stringify(listJson(file.list, state)) : sayList(io, file.list, state));
}
