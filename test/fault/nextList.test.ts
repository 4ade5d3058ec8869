/** A drill is judged by the list it was held under, whatever lists came since. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readList } from '../../src/core/list.ts';
import { checkPack } from '../../src/evidence/check.ts';
import { makeLogCheck } from '../../src/evidence/log.ts';
import { installBundle } from '../../src/responder/device.ts';
import { exportDrill, viewReport } from '../../src/responder/evidence.ts';
import { Vault } from '../../src/vault/vault.ts';
import { Live, quickDrill, reaches } from '../kit/live.ts';
import { until } from '../kit/until.ts';

let live: Live;
beforeEach(async () => {
  live = await Live.found({
    members: 3,
    relays: 1,
    drills: (nowMs) => [{ ...quickDrill(nowMs + 8_000, ['ada', 'bela']), closeAfterMs: 15_000 }],
  });
  await live.startRelays();
}, 60_000);
afterEach(() => live.end());

describe('the report of a drill', () => {
  it('is the same after a list that no longer has one of its people', async () => {
    const [plan] = live.list.drills;
    if (plan === undefined) throw new Error('no drill');
    const { id } = plan;
    const devices = await Promise.all([live.open(0), live.open(1), live.open(2)]);
    for (const device of devices) await reaches(device, 1);
    for (const device of devices) {
      await until(() => device.state.drills.get(id)?.raised.has(device.state.self.device), 'the alarm is on', 20_000);
      await device.command({ type: 'answer', drill: id, answer: 'there' });
    }
    await until(
      () => devices.every((device) => device.state.drills.get(id)?.closed !== undefined),
      'it is closed',
      40_000,
    );
    const [ada] = devices;
    const before = viewReport(ada, id);
    expect(before.figures).toMatchObject({ members: 3, acknowledged: 3 });
    ada.close();
    const { dir, passphrase } = live.device(0);
    const vault = await Vault.open(dir, passphrase);
    installBundle(vault, live.nextBundle());
    vault.close();
    const again = await live.open(0);
    expect(again.state.list.version).toBe(2);
    expect(again.state.list.members).toHaveLength(2);
    expect(viewReport(again, id)).toEqual(before);
    const { files } = await exportDrill(again, id, true);
    expect(await checkPack(files, makeLogCheck(live.list.org))).toEqual([]);
    expect(readList(files.get('directory/list.cbor') ?? new Uint8Array()).version).toBe(1);
  }, 90_000);
});
