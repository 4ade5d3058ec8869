/**
 * Where this relay is reached: its port, kept in the data directory. The port stands in the signed muster list, so
 * a relay that was started with "any port" must come back on the same one.
 */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Broken } from '../src/wire/fault.ts';
import { readIfThere, writeWhole } from './certificate.ts';

const pathOf = (dataDir: string) => join(dataDir, 'place.json');

/** Throws `Broken('corrupt')` rather than listening somewhere nobody looks. */
export function keptPort(dataDir: string): number | undefined {
  const text = readIfThere(pathOf(dataDir));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'port' in value && isPort(value.port)) return value.port;
  } catch {
    // falls through: not JSON is as wrong as the wrong JSON
  }
  throw new Broken(
    'corrupt',
    'place.json in the data directory holds no port; write {"port":12345} with the port of the muster list',
  );
}

export function keepPort(dataDir: string, port: number): void {
  if (keptPort(dataDir) !== port) writeWhole(pathOf(dataDir), `${JSON.stringify({ port })}\n`, 0o644);
}

const isPort = (value: unknown): value is number =>
  Number.isInteger(value) && typeof value === 'number' && value > 0 && value < 65536;

/** A port that is free now. Another program may take it before the relay does: then starting says so. */
export function findFreePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause) => reject(new Broken('io', 'no port could be opened on that address', { cause })));
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
