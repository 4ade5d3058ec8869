/**
 * A modal dialog on the browser's own element: what is behind it is inert, the focus stays in and returns. It can always
 * be left with Escape, and leaving is reported rather than done, so that the owner decides what it means.
 */
import { type ReactNode, useLayoutEffect, useRef } from 'react';

interface Props {
  readonly labelledBy: string;
  readonly describedBy?: string;
  readonly alert?: boolean;
  readonly className: string;
  readonly onLeave: () => void;
  readonly children: ReactNode;
}

export function Dialog({ labelledBy, describedBy, alert = false, className, onLeave, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  // Before the element leaves the page: only a dialog that is still there gives the focus back to where it was.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={className}
      role={alert ? 'alertdialog' : undefined}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      onCancel={(event) => {
        event.preventDefault();
        onLeave();
      }}
      // Browsers let a second Escape through without asking; the owner still has to hear of it.
      onClose={onLeave}
    >
      {children}
    </dialog>
  );
}
