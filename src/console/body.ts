/** The body of a call: JSON, bounded, or nothing. It must never hold more than the bound in memory. */
import type { IncomingMessage } from 'node:http';

export const maxBodyBytes = 64 * 1024;

export type Body =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly text: string };

const tooLarge: Body = { ok: false, status: 413, text: `A call may be ${maxBodyBytes} bytes long at most.` };

export async function readBody(request: IncomingMessage): Promise<Body> {
  // JSON only, also because a form of another site cannot send this type without asking first.
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/json') {
    return { ok: false, status: 415, text: 'A call is sent as application/json.' };
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return tooLarge;
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > maxBodyBytes) return tooLarge;
      parts.push(part);
    }
    return { ok: true, value: JSON.parse(Buffer.concat(parts).toString('utf8')) };
  } catch {
    // Cut off or not JSON; which of the two makes no difference to the one who sent it.
    return { ok: false, status: 400, text: 'The body of this call is not JSON.' };
  }
}
