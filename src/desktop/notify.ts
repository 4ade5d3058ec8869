/**
 * Calls the person to the window. It must never show what was written: notifications are kept and shown by the
 * operating system, locked screen included. So the texts are fixed, and which one it is is all that is decided here.
 */
import type { WindowHost } from '../ipc/host.ts';
import type { AlarmView, HomeView, RelayHereView } from '../ipc/view.ts';

export const alarmText = 'Muster: an alarm needs you';

/** When the last window is closed and Muster goes on. */
export const relayText = 'Muster goes on: a relay runs here. Start Muster again to see or stop it.';

/** Whether this machine is a relay now, or is to be one as soon as it can. */
export async function hasRelay(host: Pick<WindowHost, 'gate'>): Promise<boolean> {
  const reply = await host.gate('relay.read', {});
  // As below: the gate pairs this name with this view.
  return reply.ok && (reply.value as RelayHereView).state !== 'off';
}

export interface Signal {
  /** Shows the text and brings the window forward. */
  call(text: string): void;
}

const demandOf = (alarm: AlarmView) => [alarm.drill, ...alarm.standInFor.map(({ member }) => member)].join(' ');

/** Calls once for every new demand: an alarm not answered, a person to step in for. Returns the function that ends it. */
export function watchAlarm(host: Pick<WindowHost, 'gate' | 'onChange'>, signal: Signal): () => void {
  let called: string | undefined;
  const look = async () => {
    const reply = await host.gate('home.read', {});
    if (!reply.ok) return;
    // The gate pairs this name with this view; its own type does not say so, since it takes any name.
    const { alarm } = reply.value as HomeView;
    if (alarm?.state !== 'running' || (alarm.answered !== undefined && alarm.standInFor.length === 0)) return;
    const demand = demandOf(alarm);
    if (demand === called) return;
    called = demand;
    signal.call(alarmText);
  };
  const end = host.onChange((change) => {
    if (change.alarm) void look();
  });
  void look();
  return end;
}
