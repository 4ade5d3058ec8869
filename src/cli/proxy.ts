/** `muster proxy`: through which proxy this device reaches its relays. The setting lies in the vault, password and all. */
import type { Command } from 'commander';
import { makeLogin, type ProxySetting, sayProxy, saySetting, usualProxySetting } from '../link/proxy.ts';
import { encodeProxySetting } from '../link/setting.ts';
import { viewHome } from '../responder/view.ts';
import { Vault } from '../vault/vault.ts';
import type { Bytes } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import { addDeviceOptions, type DeviceFlags, notReached, withDevice } from './connect.ts';
import { type DirFlags, findDevice } from './file.ts';
import type { Io } from './io.ts';
import { addPassphraseOption, askPassphrase, askWord, type PassphraseFlags } from './passphrase.ts';
import { readOption } from './proxyFacts.ts';
import { duration, facts, table } from './say.ts';

interface SetFlags extends PassphraseFlags, DirFlags {
  readonly only?: boolean;
  readonly user?: string;
  readonly passwordFile?: string;
}
interface ShowFlags extends DeviceFlags {
  readonly json?: boolean;
}

export function addProxy(program: Command, io: Io): void {
  const proxy = program.command('proxy').description('Through which proxy this device reaches its relays');
  addDeviceOptions(proxy.command('show').description('What is set, and which way each relay is reached now'))
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster proxy show --dir ada')
    .action((flags: ShowFlags) => show(io, flags));
  addPassphraseOption(
    proxy
      .command('set')
      .description('Use a proxy from now on; "none" for none at all, "system" for what the system says')
      .argument('<proxy>', 'http://HOST:PORT, https://HOST:PORT, socks5://HOST:PORT, none or system')
      .option('--dir <folder>', 'where the device lives')
      .option('--only', 'never directly, even if the proxy leads nowhere')
      .option('--user <name>', 'the name the proxy wants; its password is asked for')
      .option('--password-file <file>', 'read that password from the first line of a file instead of asking'),
  )
    .addHelpText(
      'after',
      `
Relays are reached through the proxy and directly, whichever leads there. A proxy that is to hide where you are
needs --only. The password is kept in the vault; with http:// and https:// whoever listens on the way to the proxy
can learn it. For one run alone: --proxy and --proxy-only at other commands, or MUSTER_PROXY and MUSTER_PROXY_ONLY=1.

Example:
  muster proxy set socks5://127.0.0.1:9050 --only --dir ada`,
    )
    .action((text: string, flags: SetFlags) => set(io, text, flags));
  addPassphraseOption(
    proxy
      .command('clear')
      .description('Forget what was set: what the system names, or directly')
      .option('--dir <folder>', 'where the device lives'),
  )
    .addHelpText('after', '\nExample:\n  muster proxy clear --dir ada')
    .action((flags: PassphraseFlags & DirFlags) => clear(io, flags));
}

async function set(io: Io, text: string, flags: SetFlags): Promise<void> {
  // Before the passphrase: a typing error should cost nothing.
  const plain = readOption(text, flags.only === true);
  if (plain.proxy === undefined && (flags.user ?? flags.passwordFile) !== undefined)
    throw new CallerFault('invalid', '--user and --password-file are for a proxy that is named.');
  const setting = flags.user === undefined ? plain : await addLogin(io, plain, flags.user, flags.passwordFile);
  await keep(io, flags, encodeProxySetting(setting));
  io.out(`From the next start on: ${saySetting(setting)}.`);
  io.out('  muster proxy show tries it.');
}

async function addLogin(io: Io, setting: ProxySetting, user: string, file: string | undefined): Promise<ProxySetting> {
  if (setting.proxy === undefined) return setting;
  const login = makeLogin(user, await askWord(io, file, 'Password of the proxy: '));
  return { ...setting, proxy: { ...setting.proxy, login } };
}

async function clear(io: Io, flags: PassphraseFlags & DirFlags): Promise<void> {
  await keep(io, flags, undefined);
  io.out(`Forgotten. From the next start on: ${saySetting(usualProxySetting)}.`);
}

async function keep(io: Io, flags: PassphraseFlags & DirFlags, bytes: Bytes | undefined): Promise<void> {
  const vault = await Vault.open(findDevice(io, flags), await askPassphrase(io, flags, 'this device'));
  try {
    vault.putProxy(bytes);
  } finally {
    vault.close();
  }
}

/** Of no network that NO_PROXY could name. */
const anyHost = 'relay.invalid';

const show = (io: Io, flags: ShowFlags): Promise<void> =>
  withDevice(io, flags, async ({ device, proxies, reach }) => {
    const isReached = await reach();
    const kept = device.keptProxy;
    const { setting = kept } = proxies;
    const [system] = await proxies.system(anyHost, 443);
    const { relays, clock } = viewHome(device);
    if (flags.json === true) {
      const proxy = setting.proxy === undefined ? {} : { proxy: sayProxy(setting.proxy) };
      const known = system === undefined ? {} : { system: sayProxy(system) };
      io.out(JSON.stringify({ policy: setting.policy, ...proxy, ...known, relays, ...(clock && { clock }) }));
    } else {
      io.out(
        facts([
          ['proxy', saySetting(setting)],
          ...(setting === kept ? [] : [['kept', `${saySetting(kept)} (not this time)`] as const]),
          ['system', system === undefined ? 'names no proxy' : sayProxy(system)],
          ['clock', clock === undefined ? 'not measured yet' : sayOffset(-clock.offsetMs, 'the relays')],
        ]),
      );
      io.out('');
      io.out(
        table(
          ['relay', 'state', 'reached', 'how', 'its clock'],
          relays.map(({ name, state, address, proxy, offsetMs, text }) => [
            name,
            state,
            state === 'up' ? address : '-',
            state === 'up' ? (proxy ?? 'directly') : (text ?? '-'),
            offsetMs === undefined ? '-' : sayOffset(offsetMs, 'ours'),
          ]),
        ),
      );
    }
    if (!isReached) throw notReached(device, 'No relay is reached this way');
  });

/** One clock minus another. */
const sayOffset = (offsetMs: number, other: string): string =>
  Math.abs(offsetMs) < 1000
    ? `agrees with ${other}`
    : `${duration(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead of' : 'behind'} ${other}`;
