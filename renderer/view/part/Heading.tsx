/** The heading of a screen. It takes the focus when its screen comes up, so that a keyboard or a screen reader starts there. */
import { type ReactNode, useEffect, useRef } from 'react';

let shown = false;

export function Heading({ children }: { readonly children: ReactNode }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Not on the first screen of a window: there the focus belongs to whatever the browser chose.
    if (shown) ref.current?.focus();
    shown = true;
  }, []);
  return (
    <h1 ref={ref} tabIndex={-1}>
      {children}
    </h1>
  );
}
