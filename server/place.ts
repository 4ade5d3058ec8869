/**
 * Where this relay is reached and whom it serves, as it ran last; kept in the data directory. The port stands in the
 * signed muster list, so a relay that was started with "any port" must come back on the same one. The rest is for
 * whoever looks at the folder of a relay that does not run.
 */
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { Broken } from '../src/wire/fault.ts';
import { type IdKind, orgId, relayId } from '../src/wire/id.ts';
import { readIfThere, writeWhole } from './file.ts';

const digits = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const idOf = <B extends string>(kind: IdKind<B>) =>
  z.pipe(
    digits,
    z.transform((text) => kind.parse(text)),
  );

const shape = z.object({
  port: z.int().check(z.minimum(1), z.maximum(65_535)),
  host: z.optional(z.string()),
  pin: z.optional(idOf(relayId)),
  orgs: z.optional(z.array(idOf(orgId))),
});
export type Place = z.output<typeof shape>;

export const placeFile = 'place.json';
/** What a custodian gets: pin, name, operator and addresses. */
export const cardFile = 'relay.json';

export const noRelayIn = (dataDir: string): string =>
  `There is no relay in ${dataDir}: check the name, or make one with relay init.`;

/** Throws `Broken('corrupt')` rather than listening somewhere nobody looks. */
export function keptPlace(dataDir: string): Place | undefined {
  const text = readIfThere(join(dataDir, placeFile));
  if (text === undefined) return undefined;
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    throw new Broken(
      'corrupt',
      'place.json in the data directory holds no port; write {"port":12345} with the port of the muster list',
      { cause },
    );
  }
}

export function keepPlace(dataDir: string, place: Place): void {
  const text = `${JSON.stringify(place)}\n`;
  if (readIfThere(join(dataDir, placeFile)) !== text) writeWhole(join(dataDir, placeFile), text, 0o644);
}

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
