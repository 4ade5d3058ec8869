/** Something did not work: what, and what to do. Announced at once. */
import type { ReactNode } from 'react';
import type { Problem as Told } from '../../state/ask.ts';

export function Problem({ problem, children }: { readonly problem: Told | undefined; readonly children?: ReactNode }) {
  return (
    <div role="alert">
      {problem === undefined ? null : (
        <p className="problem">
          <b>{problem.text}</b> {children}
        </p>
      )}
    </div>
  );
}
