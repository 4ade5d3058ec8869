/**
 * Shows an address in the person's own browser. It must never be the only way in: whoever calls it prints the address
 * too, since a machine in trouble may have no default browser, no desktop or no screen.
 */
import open from 'open';

/** How long a launcher may take to say that it failed; one that starts a browser usually says nothing at all. */
const patienceMs = 1500;

export type Opener = (address: string) => Promise<{
  once(event: 'error', listener: () => void): unknown;
  once(event: 'exit', listener: (code: number | null) => void): unknown;
}>;

/** True when a browser seems to have been started; false when it certainly was not. Never throws. */
export async function openBrowser(
  address: string,
  opener: Opener = (url) => open(url, { wait: false }),
): Promise<boolean> {
  try {
    const child = await opener(address);
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), patienceMs);
      const settle = (opened: boolean) => {
        clearTimeout(timer);
        resolve(opened);
      };
      child.once('error', () => settle(false));
      child.once('exit', (code) => settle(code === 0));
    });
  } catch {
    // No launcher at all: the person opens the printed address by hand.
    return false;
  }
}
