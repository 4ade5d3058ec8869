/**
 * The demo's people in a drill: who answers when, who is late, who stays silent, who steps in, and what happens to
 * a relay in the middle of it. Everything they do goes through the calls a window has.
 */
import type { AlarmView, Report } from '../../ipc/view.ts';
import { type Person, waitFor } from './host.ts';

export interface DrillScript {
  readonly people: readonly Person[];
  readonly silent: string;
  readonly late: string;
  /** How long the late one takes. */
  readonly lateAfterMs: number;
  /** Called once, when this many people have answered. */
  readonly interruptAfter: number;
  interrupt(): Promise<void>;
  say(line: string): void;
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function alarmOf(person: Person): Promise<AlarmView | undefined> {
  return (await person.call('home.read', {})).alarm;
}

/** Plays the drill to its end and gives the report as one of the devices computes it. */
export async function playDrill(script: DrillScript, startsWithinMs: number): Promise<Report> {
  const [first] = script.people;
  if (first === undefined) throw new Error('a drill without people');
  const alarm = await waitFor('the drill to start', startsWithinMs, async () => {
    const now = await alarmOf(first);
    return now?.state === 'running' ? now : undefined;
  });
  script.say('The alarm went off on the devices by itself. Nobody pressed anything.');
  await Promise.all([...script.people.map((person, i) => answer(script, person, i)), watchAnswers(script, alarm)]);
  return waitFor('the coordinator to close the drill', alarm.closesAtMs - Date.now() + 20_000, async () => {
    const reports = await first.call('report.list', {});
    return reports.some((each) => each.drill === alarm.drill && each.closed)
      ? first.call('report.read', { drill: alarm.drill })
      : undefined;
  });
}

async function watchAnswers(script: DrillScript, alarm: AlarmView): Promise<void> {
  const watcher = script.people.at(-1);
  if (watcher === undefined) return;
  await waitFor('the first answers', alarm.closesAtMs - Date.now(), async () => {
    const now = await alarmOf(watcher);
    return (now?.acknowledged ?? 0) >= script.interruptAfter ? true : undefined;
  });
  await script.interrupt();
}

async function answer(script: DrillScript, person: Person, i: number): Promise<void> {
  const running = await waitFor(`the alarm at ${person.name}`, 30_000, async () => {
    const now = await alarmOf(person);
    return now?.state === 'running' ? now : undefined;
  });
  const { drill, closesAtMs } = running;
  if (person.handle === script.silent) {
    script.say(`${person.name} stays silent.`);
    return;
  }
  const wantedMs = person.handle === script.late ? script.lateAfterMs : 500 + i * 330;
  await rest(Math.max(0, running.startedAtMs + wantedMs - Date.now()));
  await person.call('alarm.acknowledge', { drill, answer: i === 7 ? 'need-help' : 'there' });
  if (person.handle === script.late) script.say(`${person.name} answers late.`);
  await stepIn(script, person, drill, closesAtMs);
}

/** Whoever is asked to step in does, after reading for a moment. */
async function stepIn(script: DrillScript, person: Person, drill: string, closesAtMs: number): Promise<void> {
  while (Date.now() < closesAtMs - 700) {
    const now = await alarmOf(person);
    if (now?.state !== 'running') return;
    const asked = now.standInFor[0];
    if (asked !== undefined) {
      await rest(500);
      await person.call('alarm.acknowledge', { drill, answer: 'there', standInFor: asked.member });
      script.say(`${person.name} is asked to step in for ${asked.name}, and does.`);
      return;
    }
    await rest(200);
  }
}
