/**
 * Child processes of the demo: every one that is started is known by its pid and ended, however the demo ends. No
 * process that the demo did not start is ever touched.
 */
import type { ChildProcess } from 'node:child_process';

const children = new Set<ChildProcess>();

export function adopt(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Ends what is left. Safe to call at any moment, also from an `exit` handler: it does not wait. */
export function endChildren(): void {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
}

/** Ends one child and waits until it is gone. `SIGKILL` gives it no chance to do anything first. */
export function endChild(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
