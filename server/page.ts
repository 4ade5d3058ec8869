/**
 * Plain pages over HTTP: the health of the relay's own port, the operator's port and the control socket. A page is
 * found by method and path; a body is read only where a page takes one, and never beyond its bound.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Bytes } from '../src/wire/bytes.ts';
import { CallerFault, Fault, PeerFault } from '../src/wire/fault.ts';
import { limit } from '../src/wire/limit.ts';

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly text: string;
}
/** By `GET /healthz` and the like. */
export type Pages = Readonly<Record<string, (body: Bytes) => Answer | Promise<Answer>>>;

const json = 'application/json';

/** Answers every request once and closes; `onFailed` hears of faults that are ours. */
export function servePages(pages: () => Pages, onFailed: (error: unknown) => void): RequestListener {
  return (request, response) => {
    respond(pages(), request).then(
      ({ status = 200, type = json, text }) => write(response, status, type, text),
      (error: unknown) => {
        if (!(error instanceof Fault) || error.side === 'ours') onFailed(error);
        write(response, statusOf(error), json, `${JSON.stringify(refusal(error))}\n`);
      },
    );
  };
}

async function respond(pages: Pages, request: IncomingMessage): Promise<Answer> {
  const name = `${request.method ?? ''} ${request.url ?? ''}`;
  const page = Object.hasOwn(pages, name) ? pages[name] : undefined;
  if (page === undefined) return { status: 404, text: '' };
  return page(request.method === 'POST' ? await readBody(request) : new Uint8Array());
}

async function readBody(request: IncomingMessage): Promise<Bytes> {
  const parts: Bytes[] = [];
  let size = 0;
  for await (const part of request) {
    if (!(part instanceof Uint8Array)) throw new PeerFault('malformed', 'a body that is no bytes');
    size += part.length;
    if (size > limit.frameBytes) throw new PeerFault('too-large', 'that is larger than this relay takes');
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function write(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', connection: 'close' });
  response.end(text);
}

const statusOf = (error: unknown): number => {
  if (error instanceof CallerFault || error instanceof PeerFault) return 400;
  return error instanceof Fault && error.side === 'refused' ? 503 : 500;
};

const refusal = (error: unknown): { readonly code: string; readonly text: string } =>
  error instanceof Fault
    ? { code: error.code, text: error.message }
    : { code: 'broken', text: 'the relay failed at this; its log says more' };
