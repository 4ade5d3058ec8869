/** Where the relay shall listen: one address of this machine, chosen by the person. None is taken for them but the first. */
import { type FormEvent, useState } from 'react';
import { useStore } from 'zustand';
import type { RelayHereView } from '../../../src/ipc/view.ts';
import type { Problem as Told } from '../../state/ask.ts';
import { useApp, useHome } from '../context.ts';
import { Problem } from '../part/Problem.tsx';

const longestName = 80;

/** Digits that name a port; nothing for an empty field; undefined for anything else. */
function readPort(text: string): { readonly port?: number } | undefined {
  if (text.trim() === '') return {};
  const port = Number(text);
  return /^\d{1,5}$/.test(text.trim()) && port >= 1 && port <= 65_535 ? { port } : undefined;
}

export function StartRelay({ here }: { readonly here: RelayHereView }) {
  const { relay } = useApp();
  const { busy, refused } = useStore(relay.store);
  const device = useHome()?.me.device;
  const [chosen, setChosen] = useState(here.known?.host);
  const [typedName, setName] = useState<string>();
  const [port, setPort] = useState(here.known === undefined ? '' : String(here.known.port));
  const [problem, setProblem] = useState<Told>();
  // What was chosen may have gone with its network.
  const address = here.choices.some((each) => each.address === chosen) ? chosen : here.choices[0]?.address;
  const name = typedName ?? here.known?.name ?? device ?? '';

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = readPort(port);
    if (read === undefined)
      return setProblem({ code: 'invalid', text: 'A port is a number from 1 to 65535. Leave it empty for any.' });
    if (name.trim() === '') return setProblem({ code: 'invalid', text: 'Give the relay a name first.' });
    setProblem(undefined);
    if (address !== undefined) void relay.start({ address, name, ...read });
  };
  return (
    <form className="form" onSubmit={submit}>
      <fieldset>
        <legend>Where devices reach it</legend>
        <p className="quiet">Only this address is opened. Choose the network that the others are on.</p>
        {here.choices.map(({ address: each, network, onlyHere }) => (
          <label key={`${network} ${each}`} className="pick-line">
            <input type="radio" name="address" checked={each === address} onChange={() => setChosen(each)} />
            <span className="mono">{each}</span>
            <span className="quiet small">
              {onlyHere ? 'this machine only: for trying it out' : <bdi>{network}</bdi>}
            </span>
          </label>
        ))}
        {here.choices.every(({ onlyHere }) => onlyHere) && (
          <p>
            <b>This machine is on no network.</b> Join one, by cable or wireless, and its address appears here.
          </p>
        )}
      </fieldset>
      <div className="form-fields">
        <div>
          <label htmlFor="relay-name">Name</label>
          <input
            id="relay-name"
            value={name}
            maxLength={longestName}
            autoComplete="off"
            aria-describedby="relay-name-hint"
            onChange={(event) => setName(event.target.value)}
          />
          <p id="relay-name-hint" className="quiet small">
            As the muster list will call it.
          </p>
        </div>
        <div>
          <label htmlFor="relay-port">Port</label>
          <input
            id="relay-port"
            value={port}
            maxLength={5}
            inputMode="numeric"
            autoComplete="off"
            aria-describedby="relay-port-hint"
            onChange={(event) => setPort(event.target.value)}
          />
          <p id="relay-port-hint" className="quiet small">
            Empty: any that is free. It stays the same from then on.
          </p>
        </div>
      </div>
      {here.known !== undefined && (
        <p className="quiet">
          It keeps its pin, and what it stored before: <b className="mono">{here.known.words.join(' ')}</b>
        </p>
      )}
      <Problem problem={problem ?? refused} />
      <div className="actions">
        <button type="submit" className="button button-main" aria-disabled={busy}>
          {busy ? 'Starting…' : 'Start a relay here'}
        </button>
      </div>
    </form>
  );
}
