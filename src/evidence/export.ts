/** A drill's evidence pack from what a device holds: the report and everything it follows from, signed. */
import { assess } from '../core/assess.ts';
import { readBody } from '../core/body.ts';
import { entriesOf, joinEntries, readLog, refsOf } from '../core/drillLog.ts';
import type { Entry } from '../core/entry.ts';
import type { DrillId, RoomId } from '../core/id.ts';
import { type SignKey, signRaw } from '../core/key.ts';
import { type MusterList, mayWithhold, nameOf, redactList } from '../core/list.ts';
import type { Report } from '../core/report.ts';
import { orgWords } from '../core/words.ts';
import type { Bytes } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import { joinLogFile } from './log.ts';
import { makePack } from './pack.ts';

export interface ExportFacts {
  readonly list: MusterList;
  readonly listBytes: Bytes;
  readonly drill: DrillId;
  readonly room: RoomId;
  /** Signed entries of the drill's room, as the vault keeps them. */
  readonly entries: readonly Bytes[];
  readonly signer: { readonly device: string; readonly key: SignKey };
  /** Names go into an annex of their own, which can be left out. */
  readonly withNames: boolean;
}

export interface Exported {
  readonly report: Report;
  readonly files: ReadonlyMap<string, Bytes>;
}

/** Throws `CallerFault`: `not-found` (no such drill, or not closed), `not-allowed` (this device may not sign for it). */
export async function exportPack(facts: ExportFacts): Promise<Exported> {
  const { list, signer } = facts;
  const plan = list.drills.find((each) => each.id === facts.drill);
  if (plan === undefined) throw new CallerFault('not-found', 'There is no such drill on the muster list.');
  const member = [...list.devices.values()].find((device) => device.id === signer.device)?.member;
  if (member === undefined || !plan.coordinators.includes(member)) {
    throw new CallerFault(
      'not-allowed',
      'Only a coordinator of the drill can sign its evidence pack. Export it on one of their devices.',
    );
  }
  const entries = entriesOf(list, plan, readLog(list, facts.room, facts.entries));
  const report = assess(list, plan, entries);
  const refs = refsOf(list);
  const files = await makePack({
    report,
    ...(facts.withNames ? { names: new Map(list.members.map((each) => [refs.get(each.id) ?? '', nameOf(each)])) } : {}),
    entriesFile: joinLogFile(facts.room, joinEntries(entries.map((entry) => entry.bytes))),
    // Contact paths and the rendezvous secret never leave; names only with the annex that shows them.
    listFile: redactList(facts.listBytes, (body) => !mayWithhold(body) || (facts.withNames && body.type === 'name')),
    acknowledgements: acknowledgementsIn(list, refs, entries),
    words: orgWords(list.org),
    signer: {
      principal: `director-${refs.get(member) ?? 'P'}@${list.org.slice(0, 16)}`,
      publicKey: signer.key.publicKey,
      sign: (bytes) => signRaw(signer.key, bytes),
    },
  });
  return { report, files };
}

/** The first answer each member gave themselves. */
function acknowledgementsIn(
  list: MusterList,
  refs: ReadonlyMap<string, string>,
  entries: readonly Entry[],
): readonly Acknowledgement[] {
  const first = new Map<string, Acknowledgement>();
  for (const entry of entries) {
    const body = readBody(entry.body);
    const ref = refs.get(list.devices.get(entry.device)?.member ?? '');
    if (ref === undefined || body?.type !== 'answer' || body.standInFor !== undefined || first.has(ref)) continue;
    first.set(ref, { ref, entryId: entry.id, entryBytes: entry.bytes });
  }
  return [...first.values()];
}
