/**
 * The window's files under `muster://window/`, with the same headers as the console sends. A custom scheme and not
 * `file:`, so that the page has an origin of its own and its policy arrives as a header.
 */
import type { CustomScheme, Protocol } from 'electron';
import type { Assets } from '../ipc/asset.ts';
import { pageHeaders } from '../ipc/page.ts';
import { origin, scheme } from './channel.ts';

/** Must be registered before the app is ready. Nothing beyond what a page needs: no CORS, no service workers. */
export const schemes: CustomScheme[] = [{ scheme, privileges: { standard: true, secure: true } }];

/** Never rejects: whatever is not on the list is not there. */
export function answerRequest(assets: Assets, request: Pick<Request, 'method' | 'url'>): Response {
  const refuse = (status: number, text: string) =>
    new Response(text, { status, headers: { ...pageHeaders, 'Content-Type': 'text/plain; charset=utf-8' } });
  if (request.method !== 'GET') return refuse(405, 'This can only be read.\n');
  const url = new URL(request.url);
  const asset = `${url.protocol}//${url.host}` === origin ? assets.get(url.pathname) : undefined;
  if (asset === undefined) return refuse(404, 'There is nothing here.\n');
  return new Response(asset.body, { headers: { ...pageHeaders, 'Content-Type': asset.type } });
}

export function serveWindow(protocol: Pick<Protocol, 'handle'>, assets: Assets): void {
  protocol.handle(scheme, (request) => answerRequest(assets, request));
}
