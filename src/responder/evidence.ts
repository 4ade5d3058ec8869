/**
 * Reports and evidence packs of an open device. A drill is judged by the muster list that was in force when it started,
 * whatever lists came since: who joined later was not unreachable then, and who left was there.
 */
import { assess } from '../core/assess.ts';
import { type Bundle, readBundle } from '../core/bundle.ts';
import { entriesOf, readLog } from '../core/drillLog.ts';
import { reopenEntry } from '../core/entry.ts';
import type { DrillId } from '../core/id.ts';
import type { Report } from '../core/report.ts';
import type { DrillState } from '../engine/state.ts';
import type { Exported } from '../evidence/export.ts';
import type { Bytes } from '../wire/bytes.ts';
import { CallerFault } from '../wire/fault.ts';
import type { Responder } from './responder.ts';

/** The newest list issued before the drill started that has it in its programme, of those this device holds. */
function heldUnder(device: Responder, drill: DrillState): Bundle {
  for (const bytes of device.vault.readBundles()) {
    const bundle = readBundle(bytes, device.state.list.org);
    const { list } = bundle;
    if (list.issuedAtMs <= drill.startMs && list.drills.some((plan) => plan.id === drill.plan.id)) return bundle;
  }
  return device.bundle;
}

interface Held {
  readonly bundle: Bundle;
  readonly drill: DrillState;
  /** Signed entries of the drill's room by those who were on that list. */
  readonly entries: readonly Bytes[];
}

function drillBy(device: Responder, id: DrillId): DrillState {
  const drill = device.state.drills.get(id);
  if (drill === undefined) throw new CallerFault('not-found', 'There is no such drill on the muster list.');
  return drill;
}

function heldDrill(device: Responder, id: DrillId): Held {
  const drill = drillBy(device, id);
  const bundle = heldUnder(device, drill);
  const entries = device.vault
    .entriesOf(drill.room)
    .map((bytes) => reopenEntry(bytes, drill.room))
    .filter(({ device: author }) => bundle.list.devices.has(author));
  // Nobody could tell a text that is over from an answer that somebody took out.
  if (entries.some(({ isStripped }) => isStripped))
    throw new CallerFault(
      'not-found',
      'What was written in this drill is not kept any more, so its report cannot be made again here. Packs that were exported before still verify.',
    );
  return { bundle, drill, entries: entries.map(({ bytes }) => bytes) };
}

/** Throws `CallerFault('not-found')` for a drill that is unknown or not closed. */
export function viewReport(device: Responder, id: DrillId): Report {
  const { bundle, drill, entries } = heldDrill(device, id);
  const { list } = bundle;
  const plan = list.drills.find((each) => each.id === id) ?? drill.plan;
  return assess(list, plan, entriesOf(list, plan, readLog(list, drill.room, entries)));
}

/** Throws as `exportPack` does. */
export async function exportDrill(device: Responder, id: DrillId, withNames: boolean): Promise<Exported> {
  const { bundle, drill, entries } = heldDrill(device, id);
  const { self } = device.state;
  // Loaded only here: most devices never make a pack.
  const { exportPack } = await import('../evidence/export.ts');
  return exportPack({
    list: bundle.list,
    listBytes: bundle.listBytes,
    drill: id,
    room: drill.room,
    entries,
    signer: { device: self.device, key: self.keys.evidence },
    withNames,
  });
}

/** The list a drill's report is made from, for who is who in it. */
export const listOfDrill = (device: Responder, id: DrillId): Bundle['list'] =>
  heldUnder(device, drillBy(device, id)).list;
