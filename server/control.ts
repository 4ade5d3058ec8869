/**
 * The operator's way to a running relay: a socket in its data folder. Whoever may open that folder has the relay's key
 * anyway, so there is no other secret; nothing of it is reached over a network. It also is the lock: a second relay on
 * the same folder finds the socket answered and stops.
 */
import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join, resolve } from 'node:path';
import type { Bytes } from '../src/wire/bytes.ts';
import { Broken, CallerFault } from '../src/wire/fault.ts';
import { isAnswered, type Listening, startListening } from './listen.ts';
import { type Pages, servePages } from './page.ts';

/** Where the least of the systems ends. Beyond, a longer path would be cut, and the socket be one of another folder. */
const maxPathBytes = 103;

/**
 * `undefined`: the path is too long for a socket. Windows has none in folders; a pipe of that name is open to its owner
 * and to administrators.
 */
function controlPath(dataDir: string): string | undefined {
  if (process.platform === 'win32') {
    const name = createHash('sha256').update(resolve(dataDir).toLowerCase()).digest('hex').slice(0, 32);
    return `\\\\.\\pipe\\muster-relay-${name}`;
  }
  const path = join(dataDir, 'control.sock');
  return Buffer.byteLength(path) > maxPathBytes ? undefined : path;
}

export interface Control {
  /** From here on these are answered; before, the relay says that it starts. */
  serve(pages: Pages): void;
  close(graceMs: number): Promise<void>;
}

const starting: Pages = {};

/**
 * Takes the folder. Throws `CallerFault('already-there')` if a relay runs on it, or a command has taken it. Where no such socket can be made (a
 * path that is too long, a file system that has none) the relay runs without, and `onMissing` hears why.
 */
export async function openControl(
  dataDir: string,
  onMissing: (cause: unknown) => void,
  onFailed: (error: unknown) => void,
): Promise<Control> {
  const path = controlPath(dataDir);
  if (path === undefined) {
    onMissing(new Broken('io', `its path would have more than ${maxPathBytes} bytes`));
    return { serve: () => undefined, close: async () => undefined };
  }
  if (await isAnswered({ path }))
    throw new CallerFault(
      'already-there',
      'A relay runs on this data folder already, or a command works on it. Stop it first, or use another folder.',
    );
  let pages = starting;
  let listening: Listening | undefined;
  try {
    if (process.platform !== 'win32') rmSync(path, { force: true }); // of a relay that was killed
    listening = await startListening(createServer(servePages(() => pages, onFailed)), { path });
    if (process.platform !== 'win32') chmodSync(path, 0o600);
  } catch (error) {
    onMissing(error instanceof Broken ? error.cause : error);
  }
  return {
    serve(given) {
      pages = given;
    },
    close: async (graceMs) => listening?.close(graceMs),
  };
}

export interface ControlAnswer {
  readonly isDone: boolean;
  readonly text: string;
}

/**
 * Asks the relay that runs on this folder. `undefined`: none runs. Throws `CallerFault('not-allowed')` when the socket
 * is somebody else's, `Broken` when the relay hangs up or does not answer.
 */
export function askControl(
  dataDir: string,
  method: 'GET' | 'POST',
  path: string,
  body: Bytes | undefined,
  timeoutMs: number,
): Promise<ControlAnswer | undefined> {
  const socketPath = controlPath(dataDir);
  if (socketPath === undefined) return Promise.resolve(undefined);
  return new Promise((found, fail) => {
    const asking = request({ socketPath, method, path, timeout: timeoutMs }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', (cause) => fail(new Broken('io', 'the relay hung up', { cause })));
      response.on('end', () =>
        found({ isDone: response.statusCode === 200, text: Buffer.concat(parts).toString('utf8') }),
      );
    });
    asking.on('timeout', () => asking.destroy(new Error('timeout')));
    asking.on('error', (cause) => {
      const code = 'code' in cause ? cause.code : undefined;
      if (code === 'ENOENT' || code === 'ECONNREFUSED') found(undefined);
      else if (code === 'EACCES' || code === 'EPERM')
        fail(
          new CallerFault('not-allowed', 'This relay runs as another user. Run the command as that user, or as root.', {
            cause,
          }),
        );
      else fail(new Broken('io', 'the relay that runs on this folder does not answer', { cause }));
    });
    asking.end(body);
  });
}
