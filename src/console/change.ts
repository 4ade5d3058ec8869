/**
 * The stream that tells open windows to read again (Server-Sent Events). It carries which things changed and never
 * what they are. A browser gives one address six connections in all, so the listeners are few by design.
 */
import type { ServerResponse } from 'node:http';
import type { ChangeEvent } from '../ipc/view.ts';

export const maxListeners = 4;
/** More often than the shortest idle timeout of anything that may sit between, and than a person would notice. */
const heartbeatMs = 20_000;

export interface Changes {
  /** False when there are too many listeners already; the response is then still to be answered. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): boolean;
  tell(change: ChangeEvent): void;
  close(): void;
}

export function createChanges(): Changes {
  const listeners = new Set<ServerResponse>();
  const beat = setInterval(() => {
    for (const listener of listeners) listener.write(': still here\n\n');
  }, heartbeatMs);
  beat.unref();
  return {
    add(response, headers) {
      if (listeners.size >= maxListeners) return false;
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
      response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream; charset=utf-8' });
      response.write('retry: 1000\n\n');
      return true;
    },
    tell(change) {
      const text = `data: ${JSON.stringify(change)}\n\n`;
      for (const listener of listeners) listener.write(text);
    },
    close() {
      clearInterval(beat);
      for (const listener of listeners) listener.end();
    },
  };
}
