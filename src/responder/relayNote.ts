/**
 * What is kept about the relay on this machine beside its key and store: `here.json`, whether it is to run and where,
 * and `relay.json`, what a custodian is given. In clear and public; it must never hold anything out of the vault but
 * the organisation's fingerprint.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../vault/file.ts';
import { writeRelayCard } from '../wire/card.ts';
import { relayId } from '../wire/id.ts';
import type { Ports } from './port.ts';
import { joinAddress } from './relayPort.ts';

const shape = z.strictObject({
  isOn: z.boolean(),
  org: z.string().regex(/^[0-9a-f]{64}$/),
  pin: z.string().regex(/^[0-9a-f]{64}$/),
  host: z.union([z.ipv4(), z.ipv6()]),
  port: z.int().min(1).max(65_535),
  name: z.string().min(1).max(120),
});
export type Note = z.infer<typeof shape>;

const notePathOf = (dir: string): string => join(dir, 'here.json');
export const cardPathOf = (dir: string): string => join(dir, 'relay.json');

/** Undefined when there is none, or none that holds: key and port are in files of their own and stay as they are. */
export function readNote(dir: string, log: Ports['log']): Note | undefined {
  try {
    return shape.parse(JSON.parse(readFileSync(notePathOf(dir), 'utf8')));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing) log({ code: 'corrupt', text: 'here.json in the relay folder cannot be read' });
    return undefined;
  }
}

/** On disk when it returns. Throws what the disk says. */
export function writeNote(dir: string, { isOn, org, pin, host, port, name }: Note): void {
  writeWhole(notePathOf(dir), `${JSON.stringify({ isOn, org, pin, host, port, name }, null, 2)}\n`);
}

/** The text of relay.json. Who operates it is left to the custodian: it lies in clear beside a vault that says nothing. */
export const cardOf = ({ pin, name, host, port }: Omit<Note, 'isOn' | 'org'>): string =>
  writeRelayCard({ relay: relayId.parse(pin), name, operator: '', addresses: [joinAddress(host, port)] });

/** As `writeNote`. */
export const writeCard = (dir: string, note: Note): void => writeWhole(cardPathOf(dir), cardOf(note));
