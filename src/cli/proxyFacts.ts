/** Which proxies a run of the program takes, from its options and environment. */
import { type ProxyChoice, proxiesOfEnvironment, readSetting, settingOfEnvironment } from '../link/proxy.ts';
import type { ProxyFacts } from '../responder/node.ts';
import { CallerFault } from '../wire/fault.ts';
import type { Io } from './io.ts';

export interface ProxyFlags {
  readonly proxy?: string;
  readonly proxyOnly?: boolean;
}

/** The option goes before `MUSTER_PROXY`, and that before the vault. Throws `CallerFault('invalid')` of these two. */
export function proxyFacts(
  io: Io,
  { proxy, proxyOnly = false }: ProxyFlags,
): ProxyFacts & Required<Pick<ProxyFacts, 'system'>> {
  const choose = readEnvironment(io);
  const isAsked = proxy !== undefined || proxyOnly;
  const setting = isAsked ? readOption(proxy ?? 'system', proxyOnly) : settingOfEnvironment(io.env);
  return {
    system: async (host, port) => choose(host, port),
    ...(setting === undefined ? {} : { setting }),
  };
}

/** A variable that was set for other programs, and makes no sense, must not keep anybody from an alarm. */
function readEnvironment(io: Io): ProxyChoice {
  try {
    return proxiesOfEnvironment(io.env);
  } catch (fault) {
    if (!(fault instanceof CallerFault)) throw fault;
    io.err(`${fault.message} It is passed over.`);
    return () => [];
  }
}

/** Every user of the machine can read what stands on a command line. Throws `CallerFault('invalid')`. */
export function readOption(text: string, isOnly: boolean): ReturnType<typeof readSetting> {
  const setting = readSetting(text, isOnly);
  if (setting.proxy?.login !== undefined)
    throw new CallerFault(
      'invalid',
      'A password does not belong on a command line. Keep it in the vault: muster proxy set PROXY --user NAME',
    );
  return setting;
}
