/** Says that what is on the screen may be old, because the responder cannot be heard. Nothing is shown while all is well. */
import { useStore } from 'zustand';
import { useApp } from '../context.ts';

export function LinkBanner() {
  const link = useStore(useApp().link, (state) => state.link);
  return (
    <div role="status" className="link-status">
      {link === 'up' ? null : (
        <p className="strip strip-bad">
          {link === 'lost' ? (
            <>
              <b>Muster on this machine does not answer.</b> What you see may be old. Trying again by itself.
            </>
          ) : (
            <>
              <b>This window was shut out.</b> Reload it; if that does not help, start Muster again and open the new
              address it prints.
            </>
          )}
        </p>
      )}
    </div>
  );
}
