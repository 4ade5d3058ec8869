/** Being asked to end, for a program that runs in the foreground. */

/** Resolves at SIGINT or SIGTERM. The second signal finds no listener, and ends the process there and then. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
