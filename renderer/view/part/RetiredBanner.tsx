/** Says that this device was copied and must not write any more. Nothing is shown while all is well. */
import { useHome } from '../context.ts';

export function RetiredBanner() {
  const retired = useHome()?.retired ?? false;
  return (
    <div role="alert">
      {retired ? (
        <p className="strip strip-bad">
          <b>This device was copied, or put back to an earlier state.</b> It reads, and does not write any more. Ask a
          custodian to enrol it anew, as another device.
        </p>
      ) : null}
    </div>
  );
}
