/**
 * Which way this device takes to its relays. The password of a proxy lives in its input element alone, goes through one
 * call, and does not come back.
 */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { DeviceView } from '../../../src/ipc/view.ts';
import type { Problem as Told } from '../../state/ask.ts';
import { useApp } from '../context.ts';
import { Problem } from '../part/Problem.tsx';
import { Login } from './Login.tsx';

type Proxy = DeviceView['proxy'];
type Use = Proxy['use'];

const uses = ['system', 'named', 'none'] as const satisfies readonly Use[];
const useWords: Readonly<Record<Use, string>> = {
  system: 'The proxy that the system names',
  named: 'A proxy that I name',
  none: 'No proxy, always directly',
};

function Choice({ use, proxy, onChoose }: { use: Use; proxy: Proxy; onChoose: (use: Use) => void }) {
  return (
    <fieldset aria-labelledby="proxy-title">
      {uses.map((each) => (
        <label key={each} className="pick-line">
          <input type="radio" name="proxy-use" checked={each === use} onChange={() => onChoose(each)} />
          <span>
            {useWords[each]}{' '}
            {each === 'system' && (
              <span className="quiet small">
                (now {proxy.system === undefined ? 'none' : <span className="mono">{proxy.system}</span>})
              </span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

export function SetProxy({ proxy }: { readonly proxy: Proxy }) {
  const { device } = useApp();
  const { busy, last } = useStore(device.store);
  const [edited, setEdited] = useState<{ use?: Use; isOnly?: boolean; address?: string }>({});
  const [missing, setMissing] = useState<Told>();
  const [keeps, setKeeps] = useState(true);
  const field = useRef<HTMLInputElement>(null);
  const user = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const { use = proxy.use, isOnly = proxy.isOnly, address = proxy.address ?? '' } = edited;
  const hasLogin = proxy.hasLogin && address.trim() === proxy.address;

  const change = (next: typeof edited) => setEdited({ ...edited, ...next });
  const readLogin = () => {
    if (hasLogin && keeps) return 'kept' as const;
    const login = { user: user.current?.value ?? '', password: password.current?.value ?? '' };
    return login.user === '' && login.password === '' ? undefined : login;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setMissing(undefined);
    if (use !== 'named') {
      if (await device.setProxy({ proxy: use, isOnly: use === 'system' && isOnly })) setEdited({});
      return;
    }
    if (address.trim() === '') {
      setMissing({ code: 'invalid', text: 'Give the address of the proxy first.' });
      return field.current?.focus();
    }
    const login = readLogin();
    if (await device.setProxy({ proxy: address, isOnly, ...(login === undefined ? {} : { login }) })) {
      for (const { current } of [user, password]) if (current !== null) current.value = '';
      setEdited({});
      return setKeeps(true);
    }
    const code = device.store.getState().last?.problem?.code;
    if (code === 'invalid') field.current?.focus();
    if (code === 'bad-login') user.current?.focus();
  };
  const mine = last?.name === 'proxy.set' ? last : undefined;
  const problem = missing ?? mine?.problem;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem !== undefined) form.current?.querySelector('.problem')?.scrollIntoView({ block: 'nearest' });
  }, [problem]);
  const isOf = (code: string) => (use === 'named' && problem?.code === code ? problem : undefined);
  const ofAddress = isOf('invalid');
  const ofLogin = isOf('bad-login');
  return (
    <section className="form" aria-labelledby="proxy-title">
      <h2 id="proxy-title">The way to the relays</h2>
      <p>
        Now: <b>{proxy.instead ?? proxy.text}</b>.
      </p>
      {proxy.instead !== undefined && (
        <p className="note">
          Whoever started Muster said so for this run, by MUSTER_PROXY. What is set here counts when it is started
          without: {proxy.text}.
        </p>
      )}
      <form ref={form} className="form" onSubmit={(event) => void submit(event)} noValidate>
        <Choice use={use} proxy={proxy} onChoose={(next) => change({ use: next })} />
        {use === 'named' && (
          <>
            <div>
              <label htmlFor="proxy-address">Address of the proxy</label>
              <input
                ref={field}
                id="proxy-address"
                value={address}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                aria-invalid={ofAddress !== undefined}
                aria-describedby="proxy-address-problem proxy-address-hint"
                onChange={(event) => change({ address: event.target.value })}
              />
              <div id="proxy-address-problem">
                <Problem problem={ofAddress} />
              </div>
              <p id="proxy-address-hint" className="quiet small">
                <code>http://HOST:PORT</code>, <code>https://HOST:PORT</code> or <code>socks5://HOST:PORT</code>
              </p>
            </div>
            <Login
              kept={hasLogin ? keeps : undefined}
              onKeep={setKeeps}
              user={user}
              password={password}
              problem={ofLogin}
            />
          </>
        )}
        {use !== 'none' && (
          <div>
            <label className="tick">
              <input
                type="checkbox"
                checked={isOnly}
                aria-describedby="proxy-only-hint"
                onChange={(event) => change({ isOnly: event.target.checked })}
              />
              Never directly, even if no proxy leads there
            </label>
            <p id="proxy-only-hint" className="quiet small">
              Otherwise relays are reached through the proxy and directly, whichever leads there. A proxy that is to
              hide where you are needs this.
            </p>
          </div>
        )}
        <Problem problem={ofAddress === undefined && ofLogin === undefined ? problem : undefined} />
        <div className="actions">
          <button type="submit" className="button button-main" aria-disabled={busy}>
            {busy ? 'Setting it…' : 'Use it from now on'}
          </button>
        </div>
        <p role="status">
          {mine !== undefined &&
            problem === undefined &&
            (proxy.instead === undefined ? `From now on: ${proxy.text}.` : `From the next start on: ${proxy.text}.`)}
        </p>
      </form>
    </section>
  );
}
