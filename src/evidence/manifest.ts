/**
 * SHA256SUMS: what is in a pack, in the format that `sha256sum --strict -c` of GNU coreutils reads. One form
 * only: sorted, two spaces, lower-case digits, plain relative paths, a line feed after every line.
 *
 * A path that could leave the folder, or that coreutils would have to escape, is never written and never read.
 */
import { createHash } from 'node:crypto';
import type { Bytes } from '../wire/bytes.ts';
import { PeerFault } from '../wire/fault.ts';

export const manifestName = 'SHA256SUMS';
export const signatureName = 'SHA256SUMS.sig';

/** Files of one pack, and bytes of one path. */
export const maxFiles = 10_000;
const maxPathBytes = 200;

const segment = '[A-Za-z0-9_][A-Za-z0-9._-]*';
const plainPath = new RegExp(`^${segment}(/${segment}){0,7}$`);

/** Relative, without dot files, `..`, spaces or anything a shell or another file system reads differently. */
export const isPlainPath = (path: string): boolean => path.length <= maxPathBytes && plainPath.test(path);

export const sha256 = (bytes: Bytes): string => createHash('sha256').update(bytes).digest('hex');

/** By code unit, which is what `LC_ALL=C sort` does with the characters a plain path may have. */
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const write = (digests: ReadonlyMap<string, string>): string =>
  [...digests]
    .sort(([a], [b]) => inOrder(a, b))
    .map(([path, digest]) => `${digest}  ${path}\n`)
    .join('');

/** The manifest of every file given, except the manifest itself and its signature. */
export function encodeManifest(files: ReadonlyMap<string, Bytes>): string {
  const listed = [...files].filter(([path]) => path !== manifestName && path !== signatureName);
  return write(new Map(listed.map(([path, bytes]) => [path, sha256(bytes)])));
}

/** Path → SHA-256 in hex. Throws `PeerFault('malformed')` for anything `encodeManifest` would not have written. */
export function readManifest(text: string): ReadonlyMap<string, string> {
  const odd = (why: string): PeerFault => new PeerFault('malformed', `not a manifest in its one form: ${why}`);
  const lines = text.split('\n', maxFiles + 2);
  if (lines.length > maxFiles + 1) throw odd('too many files');
  const digests = new Map<string, string>();
  for (const [index, line] of lines.slice(0, -1).entries()) {
    const [, digest, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (digest === undefined || path === undefined) throw odd(`line ${index + 1} is not digest, two spaces, path`);
    if (!isPlainPath(path)) throw odd(`line ${index + 1} names a path that no pack has`);
    if (path === manifestName || path === signatureName) throw odd('it lists itself');
    if (digests.has(path)) throw odd(`line ${index + 1} names a file a second time`);
    digests.set(path, digest);
  }
  if (digests.size === 0) throw odd('it is empty');
  if (write(digests) !== text) throw odd('the lines are out of order, or the last one is not ended');
  return digests;
}
