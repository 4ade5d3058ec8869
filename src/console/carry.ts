/**
 * Files between the console and its window. What comes in is the body of a POST, which the browser reads from the disk
 * itself; what goes out is a download at an address that works once. Neither is ever whole in the page's memory.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Reply } from '../ipc/contract.ts';
import type { Outgoing } from '../ipc/given.ts';
import type { WindowHost } from '../ipc/host.ts';

/** `/give/NAME?args=JSON&file=NAME`, its size being that of the body. Resolves when the body was read or is not wanted. */
export async function receive(
  give: WindowHost['give'],
  name: string,
  query: URLSearchParams,
  request: IncomingMessage,
): Promise<Reply<unknown>> {
  const facts = { name: query.get('file') ?? '', size: Number(request.headers['content-length'] ?? Number.NaN) };
  const reply = await give(name, readArgs(query.get('args')), facts, request.iterator({ destroyOnReturn: false }));
  // What is not wanted is let run out: a browser that is cut off while it sends does not read the answer.
  request.resume();
  return reply;
}

function readArgs(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined; // refused like any other wrong argument
  }
}

/** Files that were asked for and not fetched yet. None of them has been begun. */
const maxWaiting = 8;

export interface Downloads {
  /** The address to fetch it at, once. */
  put(outgoing: Outgoing): string;
  /** False when there is nothing at this address, or nothing any more. */
  send(path: string, response: ServerResponse, headers: Readonly<Record<string, string>>): Promise<boolean>;
}

export function createDownloads(): Downloads {
  const waiting = new Map<string, Outgoing>();
  return {
    put(outgoing) {
      const [oldest] = waiting.keys();
      if (waiting.size >= maxWaiting && oldest !== undefined) waiting.delete(oldest);
      const path = `/taken/${randomBytes(16).toString('hex')}`;
      waiting.set(path, outgoing);
      return path;
    },
    async send(path, response, headers) {
      const outgoing = waiting.get(path);
      if (outgoing === undefined) return false;
      waiting.delete(path);
      response.writeHead(200, {
        ...headers,
        'Content-Type': 'application/octet-stream',
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(outgoing.name)}`,
      });
      // If it fails the response is cut off, and the browser says that the download did not come to its end.
      await pipeline(outgoing.pieces, response);
      return true;
    },
  };
}
