/** The locked door. The passphrase lives in the input element alone and is wiped from it after every try that worked. */
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useApp, useTitle } from '../context.ts';
import { Flag } from '../part/Flag.tsx';
import { Problem } from '../part/Problem.tsx';
import { HereLine } from '../relay/HereLine.tsx';

function NoDevice() {
  return (
    <section aria-labelledby="none-title">
      <h1 id="none-title">This folder holds no device yet</h1>
      <p>Muster on this machine has not joined an organisation.</p>
      <dl className="ways">
        <dt>You were asked to join</dt>
        <dd>
          Make the device in a terminal and hand its join file to a custodian:
          <code>muster device init --handle HANDLE --name NAME --out FILE.join</code>
          When the signed muster list comes back:
          <code>muster list install FILE</code>
        </dd>
        <dt>You start an organisation</dt>
        <dd>
          Follow what this says: <code>muster org --help</code>
        </dd>
      </dl>
      <p className="quiet">
        If you expected your device here, Muster was started on another folder. Nothing is lost by that.
      </p>
    </section>
  );
}

function Passphrase() {
  const { vault } = useApp();
  const busy = useStore(vault.store, (state) => state.busy);
  const refused = useStore(vault.store, (state) => state.refused);
  const [shown, setShown] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const field = input.current;
    if (field === null || busy) return;
    if (field.value === '') return field.focus();
    if (await vault.unlock(field.value)) field.value = '';
    else field.select();
  };
  const wrong = refused?.code === 'wrong-passphrase';
  return (
    <form onSubmit={(event) => void submit(event)} aria-labelledby="unlock-title">
      <h1 id="unlock-title">Unlock this device</h1>
      <label htmlFor="passphrase">Passphrase</label>
      <div className="field-row">
        <input
          ref={input}
          id="passphrase"
          type={shown ? 'text' : 'password'}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={1024}
          aria-invalid={wrong}
          aria-describedby="unlock-problem"
        />
        <button type="button" className="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
          Show
        </button>
      </div>
      <div id="unlock-problem">
        <Problem problem={refused}>
          {wrong &&
            'Check Caps Lock and the keyboard layout, then type it again. Nothing is erased by a wrong try. If it is lost, nothing opens this device: make a new one in another folder, and a custodian puts it on the next list.'}
        </Problem>
      </div>
      <button type="submit" className="button button-main button-wide" aria-disabled={busy}>
        {busy ? 'Unlocking…' : 'Unlock'}
      </button>
      <p className="quiet small">Unlocking takes a few seconds on purpose: it makes guessing slow.</p>
    </form>
  );
}

export function Unlock() {
  const { vault } = useApp();
  const status = useStore(vault.store, (state) => state.vault);
  useTitle('Unlock');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region needs the focus to be scrolled
    <main className="unlock" tabIndex={0}>
      <div className="unlock-card">
        <p className="brand">
          <Flag /> Muster
        </p>
        {status.value?.state === 'none' && <NoDevice />}
        {status.value?.state === 'locked' && <Passphrase />}
        {status.value === undefined && <Problem problem={status.problem} />}
        <HereLine locked />
      </div>
    </main>
  );
}
