/** The name and the password that a proxy wants, or that it keeps those it has. */
import type { RefObject } from 'react';
import type { Problem as Told } from '../../state/ask.ts';
import { Problem } from '../part/Problem.tsx';

interface Props {
  /** Whether those that the vault has stay; undefined if it has none for this proxy. */
  readonly kept: boolean | undefined;
  readonly onKeep: (keeps: boolean) => void;
  readonly user: RefObject<HTMLInputElement | null>;
  readonly password: RefObject<HTMLInputElement | null>;
  readonly problem: Told | undefined;
}

export function Login({ kept, onKeep, user, password, problem }: Props) {
  const field = {
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    'aria-invalid': problem !== undefined,
    'aria-describedby': 'proxy-login-problem proxy-login-hint',
  };
  return (
    <div>
      {kept !== undefined && (
        <label className="tick">
          <input type="checkbox" checked={kept} onChange={(event) => onKeep(event.target.checked)} />
          Keep the name and the password it has
        </label>
      )}
      {kept !== true && (
        <div className="form-fields">
          <div>
            <label htmlFor="proxy-user">Name</label>
            <input ref={user} id="proxy-user" {...field} />
          </div>
          <div>
            <label htmlFor="proxy-password">Password</label>
            <input ref={password} id="proxy-password" type="password" {...field} />
          </div>
        </div>
      )}
      <div id="proxy-login-problem">
        <Problem problem={problem} />
      </div>
      {kept !== true && (
        <p id="proxy-login-hint" className="quiet small">
          Only if the proxy wants them. They are kept in the vault and not shown again; with http:// and https://
          whoever listens on the way to the proxy can learn them.
        </p>
      )}
    </div>
  );
}
