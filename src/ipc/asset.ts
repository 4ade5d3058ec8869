/**
 * The window's files, read once at the start into a fixed list. A request is looked up in the list and never becomes
 * a path on the disk, so no request can climb out of the folder. Not for the renderer: it reads the file system.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Broken } from '../wire/fault.ts';
import { contentType } from './page.ts';

export interface Asset {
  readonly type: string;
  readonly body: Buffer<ArrayBuffer>;
}
/** By path, `/` first: `/assets/index.js`. The page itself is under `/`. */
export type Assets = ReadonlyMap<string, Asset>;

/** Throws Broken when the folder is not a built window. */
export async function readAssets(folder: string): Promise<Assets> {
  const missing = `The window is not built: no index.html in ${folder}. Run: npm run build`;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new Broken('io', missing, { cause });
  });
  const assets = new Map<string, Asset>();
  for (const entry of entries) {
    const type = contentType(entry.name);
    // A link could point anywhere; the build makes none, so none is followed.
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    assets.set(path === '/index.html' ? '/' : path, { type, body: await readFile(file) });
  }
  if (!assets.has('/')) throw new Broken('io', missing);
  return assets;
}
