/**
 * Who may talk to the console, decided from the head of a request alone. Loopback is not a boundary: every program of
 * every user of this machine can connect, and any web page in the person's browser can make the browser connect.
 *
 * It must never compare a secret byte by byte, nor say which of two secrets was wrong.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A page of another site can reach us by a name it points at 127.0.0.1 (DNS rebinding); it cannot choose this header. */
export function isOurHost(host: string | undefined, port: number): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

/**
 * A call must come from our own page. Browsers always send `Origin` with a POST and `Sec-Fetch-Site` with everything;
 * another port of this machine is `same-site` to a cookie, so the cookie alone would let its pages in.
 */
export function isOurPage(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const origin = headers.origin;
  return origin === undefined ? site === 'same-origin' : origin === `http://${headers.host}`;
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const same = (one: string, other: string) => timingSafeEqual(digest(one), digest(other));

export interface Access {
  readonly key: string;
  /** The `Set-Cookie` line for the first who shows the key; undefined for everyone after, and for a wrong key. */
  exchange(key: string): string | undefined;
  admits(cookies: string | undefined): boolean;
}

/** Cookies do not keep ports apart, so the name does: two consoles in one browser must not throw each other out. */
export function createAccess(port: number): Access {
  const key = randomBytes(32).toString('base64url');
  const session = randomBytes(32).toString('base64url');
  const name = `muster-${port}`;
  let used = false;
  return {
    key,
    exchange(shown) {
      if (used || !same(shown, key)) return undefined;
      used = true;
      return `${name}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    },
    admits(cookies) {
      return (cookies ?? '').split(';').some((pair) => {
        const at = pair.indexOf('=');
        return at > 0 && pair.slice(0, at).trim() === name && same(pair.slice(at + 1).trim(), session);
      });
    },
  };
}
