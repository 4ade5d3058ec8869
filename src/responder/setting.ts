/**
 * What a person sets on this device in the window: which way it takes to its relays, and whether reading is told. The name
 * and the password of a proxy come in by it and never go out.
 */
import type { ArgsOf } from '../ipc/contract.ts';
import type { DeviceView } from '../ipc/view.ts';
import {
  type Login,
  makeLogin,
  type ProxyServer,
  type ProxySetting,
  readSetting,
  sayProxy,
  saySetting,
} from '../link/proxy.ts';
import { CallerFault } from '../wire/fault.ts';
import type { Ports } from './port.ts';
import type { Responder } from './responder.ts';

/** The setting that was chosen. Throws `CallerFault`: `bad-login` of what is given beside the address, else `invalid`. */
export function readChoice({ proxy: text, isOnly, login }: ArgsOf<'proxy.set'>, kept: ProxySetting): ProxySetting {
  const plain = readSetting(text, isOnly);
  const { proxy } = plain;
  if (login === undefined) return plain;
  if (proxy === undefined) throw new CallerFault('bad-login', 'A name and a password are for a proxy that is named.');
  if (proxy.login !== undefined)
    throw new CallerFault(
      'bad-login',
      'The address has a name and a password in it already. Leave out one of the two.',
    );
  if (login !== 'kept') return { ...plain, proxy: { ...proxy, login: readLogin(login) } };
  const before = kept.proxy;
  // Whoever fell into the window could otherwise have them sent to a proxy of their own.
  if (before?.login === undefined || sayProxy(before) !== sayProxy(proxy))
    throw new CallerFault(
      'bad-login',
      'No name and no password are kept for this proxy. Type them, or leave them out.',
    );
  return { ...plain, proxy: { ...proxy, login: before.login } };
}

function readLogin({ user, password }: { readonly user: string; readonly password: string }): Login {
  try {
    return makeLogin(user, password);
  } catch (cause) {
    if (!(cause instanceof CallerFault)) throw cause;
    throw new CallerFault('bad-login', cause.message, { cause });
  }
}

/** Of no network that an exception could name. */
const anyHost = 'relay.invalid';
/** A script of the network may take for ever to say which proxy it wants. */
const patienceMs = 1_000;

const askSystem = ({ link, setTimer }: Pick<Ports, 'link' | 'setTimer'>): Promise<ProxyServer | undefined> =>
  new Promise((resolve) => {
    const cancel = setTimer(patienceMs, () => resolve(undefined));
    link.systemProxies(anyHost, 443, ([first]) => {
      cancel();
      resolve(first);
    });
  });

export async function viewDevice(device: Responder, ports: Ports): Promise<DeviceView> {
  const kept = device.keptProxy;
  const tellsReading = !device.vault.hidesReading();
  return { tellsReading, proxy: viewProxy(kept, ports.proxy, await askSystem(ports)) };
}

/** `instead`: what counts in this run. `system`: what the system names. */
export function viewProxy(
  kept: ProxySetting,
  instead: ProxySetting | undefined,
  system: ProxyServer | undefined,
): DeviceView['proxy'] {
  const { policy, proxy } = kept;
  return {
    use: policy === 'direct-only' ? 'none' : proxy === undefined ? 'system' : 'named',
    isOnly: policy === 'proxy-only',
    ...(proxy === undefined ? {} : { address: sayProxy(proxy) }),
    hasLogin: proxy?.login !== undefined,
    text: saySetting(kept),
    ...(instead === undefined ? {} : { instead: saySetting(instead) }),
    ...(system === undefined ? {} : { system: sayProxy(system) }),
  };
}
