/** `muster list`: show, sign, issue and install a muster list. Drafting one is in draft.ts. */
import type { Command } from 'commander';
import { maxBundleBytes, readBundle } from '../core/bundle.ts';
import { issueDraft, readDraft, signDraft } from '../core/draft.ts';
import { isFingerprintOf } from '../core/words.ts';
import { installBundle } from '../responder/device.ts';
import { openCustodianKey, readCustodianPublic } from '../vault/custodianKey.ts';
import { Vault } from '../vault/vault.ts';
import { fromUtf8 } from '../wire/bytes.ts';
import { CallerFault, PeerFault } from '../wire/fault.ts';
import { addDraft } from './draft.ts';
import {
  checkFree,
  type DirFlags,
  findDevice,
  readAs,
  readBytes,
  readTextAs,
  shown,
  writeNew,
  writeOver,
} from './file.ts';
import type { Io } from './io.ts';
import { readFingerprint } from './option.ts';
import { addPassphraseOption, askPassphrase, type PassphraseFlags } from './passphrase.ts';
import { count } from './say.ts';
import { listJson, readAny, sayFingerprint, sayList, sayOrganisation, sayPins } from './show.ts';

interface SignFlags extends PassphraseFlags {
  readonly draft: string;
  readonly key: string;
}
interface InstallFlags extends PassphraseFlags, DirFlags {
  readonly org?: string;
}

export function addList(program: Command, io: Io): void {
  const list = program.command('list').description('Draft, sign, issue and install the muster list');
  addDraft(list, io);
  addPassphraseOption(
    list
      .command('sign')
      .description('Show what a draft says and add a custodian’s signature to it')
      .requiredOption('--draft <file>', 'the draft; the signature is added in place')
      .requiredOption('--key <file.key>', 'your custodian key'),
  )
    .addHelpText('after', '\nExample:\n  muster list sign --draft draft.list --key ada.key')
    .action((flags: SignFlags) => sign(io, flags));
  list
    .command('issue')
    .description('Make the files to hand out from a draft that enough custodians signed')
    .requiredOption('--draft <file>', 'the signed draft')
    .requiredOption('--out <file.muster>', 'where to write the list; what relays may see of it goes to FILE.admission')
    .addHelpText('after', '\nExample:\n  muster list issue --draft draft.list --out list.muster')
    .action((flags: { readonly draft: string; readonly out: string }) => issue(io, flags));
  list
    .command('show')
    .description('Show a muster list or a draft')
    .argument('<file>', 'a list or a draft')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster list show list.muster')
    .action((path: string, flags: { readonly json?: boolean }) => show(io, path, flags.json === true));
  addPassphraseOption(
    list
      .command('install')
      .description('Give a device a new muster list')
      .argument('<file>', 'the issued list')
      .option('--dir <folder>', 'where the device lives')
      .option('--org <fingerprint>', 'the organisation’s fingerprint from paper, in words or digits: take no other'),
  )
    .addHelpText('after', '\nExample:\n  muster list install list.muster --dir ada')
    .action((path: string, flags: InstallFlags) => install(io, path, flags));
}

async function sign(io: Io, flags: SignFlags): Promise<void> {
  const draft = readAs(io, flags.draft, 'a draft', maxBundleBytes, readDraft);
  const { name, isSecret } = readTextAs(io, flags.key, 'a custodian key', readCustodianPublic);
  if (!isSecret)
    throw new CallerFault('invalid', `${flags.key} is the public half of a key, which signs nothing: give FILE.key.`);
  io.out(sayList(io, draft.preview, 'draft'));
  io.out('');
  io.out(sayPins(io, draft.preview));
  io.out('');
  const passphrase = await askPassphrase(io, flags, `the custodian key of ${name}, to sign this`);
  const { signKey } = await openCustodianKey(fromUtf8(readBytes(io, flags.key, 64 * 1024)), passphrase);
  try {
    const signed = signDraft(draft, signKey);
    writeOver(io, flags.draft, signed);
    const { signedBy, genesis } = readDraft(signed).preview;
    const missing = genesis.threshold - signedBy.length;
    io.out(`${name} signed muster list ${draft.preview.version}.`);
    io.out(
      missing > 0
        ? `${count(missing, 'more signature')} ${missing === 1 ? 'is' : 'are'} needed: pass ${shown(flags.draft)} on.`
        : `Enough have signed. Next: muster list issue --draft ${shown(flags.draft)} --out ${nameOf(draft.preview.version)}`,
    );
  } finally {
    signKey.secret.wipe();
  }
}

/** No list is written over the one before. */
const nameOf = (version: number): string => (version === 1 ? 'list.muster' : `list-${version}.muster`);

function issue(io: Io, flags: { readonly draft: string; readonly out: string }): void {
  const forRelays = `${flags.out.replace(/\.muster$/, '')}.admission`;
  checkFree(io, flags.out);
  checkFree(io, forRelays);
  const bytes = readAs(io, flags.draft, 'a draft', maxBundleBytes, (each) => {
    const draft = readDraft(each);
    const { signedBy, genesis } = draft.preview;
    if (signedBy.length < genesis.threshold) {
      const text = `it has ${signedBy.length} of the ${genesis.threshold} signatures that are needed: pass it to another custodian`;
      throw new CallerFault('not-allowed', text);
    }
    return issueDraft(draft);
  });
  const { list, admission } = readBundle(bytes);
  writeNew(io, flags.out, bytes);
  writeNew(io, forRelays, admission);
  io.out(
    `Issued muster list ${list.version} of ${list.genesis.name}: ${count(list.members.length, 'member')}, ${count(list.relays.length, 'relay')}, ${count(list.drills.length, 'drill')}.`,
  );
  io.out(`  every member   muster list install ${shown(flags.out)}`);
  io.out(`  every relay    muster relay start --data DIR --org ${list.org} --admission ${shown(forRelays)}`);
  io.out(
    `${shown(flags.out)} holds names, phone numbers and a secret of the organisation: for members alone. Relays get ${shown(forRelays)}, which has none of it.`,
  );
}

function show(io: Io, path: string, isJson: boolean): void {
  const file = readAny(io, path);
  if (file.kind === 'organisation') {
    io.out(sayOrganisation(io, file.genesis, file.org));
    return;
  }
  const state = file.kind === 'draft' ? 'draft' : 'issued';
  io.out(isJson ? JSON.stringify(listJson(file.list, state)) : sayList(io, file.list, state));
}

async function install(io: Io, path: string, flags: InstallFlags): Promise<void> {
  const bytes = readBytes(io, path, maxBundleBytes);
  const { list } = readAs(io, path, 'an issued muster list', maxBundleBytes, (each) => readBundle(each));
  const org = flags.org === undefined ? undefined : readFingerprint('--org', flags.org);
  if (org !== undefined && !isFingerprintOf(org, list.org)) {
    throw new PeerFault(
      'wrong-organisation',
      `${path} belongs to another organisation than the fingerprint you gave. It was not taken`,
    );
  }
  const dir = findDevice(io, flags);
  const vault = await Vault.open(dir, await askPassphrase(io, flags, 'this device'));
  try {
    const isFirst = vault.readBundle() === undefined;
    installBundle(vault, bytes);
    io.out(`This device now holds muster list ${list.version} of ${list.genesis.name}.`);
    if (isFirst && flags.org === undefined) {
      io.out('');
      io.out(
        'It is the first list here, so this device trusts it from now on. Compare with the paper of your custodians:',
      );
      io.out(sayFingerprint(list.org));
    }
  } finally {
    vault.close();
  }
}
