/**
 * What a power cut leaves of a SQLite database in WAL mode, as data: two pictures of its files, the earlier one taken
 * when nothing was on its way, and from them the states a disk may be found in. What was fsynced is whole; of what was
 * written after it every sector may be old, new, zero or rubbish.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

const sectorBytes = 512;
const walHeadBytes = 32;
const frameHeadBytes = 24;

export interface Picture {
  readonly database: Buffer;
  readonly log: Buffer;
}

/** Both files at one moment: the process is stopped meanwhile. Linux only, as it looks whether all threads stand. */
export async function takePicture(pid: number, dataDir: string): Promise<Picture> {
  process.kill(pid, 'SIGSTOP');
  try {
    await until(() => threadStates(pid).every((state) => state === 'T'), 'the relay stands still');
    return { database: readFileSync(join(dataDir, 'relay.db')), log: readFileSync(join(dataDir, 'relay.db-wal')) };
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

const threadStates = (pid: number): readonly string[] =>
  readdirSync(`/proc/${pid}/task`).map((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return text.charAt(text.lastIndexOf(')') + 2);
  });

/** Where the frames of this turn of the log end. Behind it lie older frames, which SQLite knows by their salt. */
export function logEnd(log: Buffer): number {
  if (log.length < walHeadBytes) return 0;
  const pageBytes = log.readUInt32BE(8);
  let at = walHeadBytes;
  while (at + frameHeadBytes + pageBytes <= log.length && log.subarray(at + 8, at + 16).equals(log.subarray(16, 24)))
    at += frameHeadBytes + pageBytes;
  return at;
}

/** Random numbers from 0 to 1. */
type Next = () => number;

export interface TornState {
  readonly picture: Picture;
  /** Everything written is there: what was acknowledged by the second picture is due, not only by the first. */
  readonly isWhole: boolean;
}

/** States after a cut at the time of `late`, when everything up to `early` had been acknowledged. */
export function tear(early: Picture, late: Picture, next: Next): readonly TornState[] {
  const whole = { picture: late, isWhole: true };
  const sameLog = early.log.subarray(0, walHeadBytes).equals(late.log.subarray(0, walHeadBytes));
  // The log was begun anew in between, with orders of fsync that two pictures do not show.
  if (!sameLog) return [whole];
  if (!early.database.equals(late.database)) {
    // A checkpoint: the log was fsynced before it, and pages of the database are half way over.
    const database = tearSectors(early.database, late.database, 0, next, false);
    return [whole, { picture: { database, log: late.log }, isWhole: true }];
  }
  const safe = logEnd(early.log);
  const cut = safe + Math.floor(next() * (late.log.length - safe + 1));
  const torn = tearSectors(early.log, late.log, safe, next, true);
  return [
    whole,
    { picture: { ...late, log: late.log.subarray(0, cut) }, isWhole: false },
    { picture: { ...late, log: torn }, isWhole: false },
    { picture: { ...late, log: torn.subarray(0, cut) }, isWhole: false },
  ];
}

function tearSectors(early: Buffer, late: Buffer, from: number, next: Next, isRubbish: boolean): Buffer {
  const out = Buffer.from(late);
  // Most sectors new, or most old: both ends are worth being met.
  const share = next();
  for (let at = from; at < out.length; at = at - (at % sectorBytes) + sectorBytes) {
    const end = Math.min(out.length, at - (at % sectorBytes) + sectorBytes);
    if (next() < share) continue;
    const kind = next();
    if (isRubbish && kind < 0.2) for (let i = at; i < end; i++) out[i] = Math.floor(next() * 256);
    else if (isRubbish && kind < 0.4) out.fill(0, at, end);
    else {
      out.fill(0, at, end);
      out.set(early.subarray(at, end), at);
    }
  }
  return out;
}

/** A data directory with the key of `from` and these files; not its port and control socket, which are in use. */
export function layOut(from: string, to: string, { database, log }: Picture): void {
  for (const name of ['key.pem', 'certificate.pem']) cpSync(join(from, name), join(to, name));
  writeFileSync(join(to, 'relay.db'), database);
  writeFileSync(join(to, 'relay.db-wal'), log);
}
