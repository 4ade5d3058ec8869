/**
 * `muster demo`: the whole way once, on real parts. Real relays and devices in processes of their own, real keys, a
 * real drill with a real SIGKILL in the middle; only the people are played. Nothing it makes is left behind but the
 * evidence pack, however it ends.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { openBrowser } from '../../console/browser.ts';
import { loadSodium } from '../../core/sodium.ts';
import type { Report } from '../../ipc/view.ts';
import { Broken } from '../../wire/fault.ts';
import type { Io } from '../io.ts';
import { endChild, endChildren } from './child.ts';
import { type DrillScript, playDrill } from './drill.ts';
import { foundDemo, makeDemoDevices, type SignedDemo, signDemoList } from './found.ts';
import { HostProcess, Person, waitFor } from './host.ts';
import { messages } from './messages.ts';
import { countLost, readShownAsSent, verifyBySshKeygen, verifyPack, verifyTampered } from './proof.ts';
import { type DemoRelay, prepareRelays, readRelayFiles, startRelay } from './relays.ts';
import { searchFiles } from './search.ts';
import { type DemoResult, jsonOf, summaryOf } from './summary.ts';

export interface DemoOptions {
  readonly out: string;
  readonly json?: boolean;
  readonly open?: boolean;
  /** Which relay dies, 1 to 3. */
  readonly kill: number;
  /** When, after the drill began to be prepared; without it, in the middle of the answers. */
  readonly killAfterMs?: number;
}

type DemoIo = Pick<Io, 'out' | 'err' | 'untilInterrupted'>;

/**
 * Between signing the list and the alarm: time for twelve devices to come up and for people to write. On a busy
 * machine it is more, by half of what everything before has taken.
 */
const drillInMs = 5_000;
const drillSpreadMs = 2_000;
const hostsCount = 3;
const signals = ['SIGINT', 'SIGTERM'] as const;

export async function runDemo(options: DemoOptions, io: DemoIo): Promise<DemoResult> {
  const startedMs = Date.now();
  await loadSodium();
  const work = mkdtempSync(join(tmpdir(), 'muster-demo-'));
  const cleanUp = () => {
    endChildren();
    rmSync(work, { recursive: true, force: true });
  };
  // An exit at once: the handler above ends what was started. Ctrl-C during the window is asked for differently.
  const interrupted = () => process.exit(130);
  process.once('exit', cleanUp);
  for (const signal of signals) process.once(signal, interrupted);
  try {
    const { result, director } = await play(options, io, work, startedMs);
    for (const signal of signals) process.off(signal, interrupted);
    if (options.open) await keepOpen(director, io);
    return result;
  } finally {
    cleanUp();
    process.off('exit', cleanUp);
    for (const signal of signals) process.off(signal, interrupted);
  }
}

interface Concluded {
  readonly result: DemoResult;
  readonly director: Person;
}

async function play(options: DemoOptions, io: DemoIo, work: string, startedMs: number): Promise<Concluded> {
  io.err('Starting three relays, making three custodians and twelve devices …');
  const founding = foundDemo();
  const relays = await prepareRelays(work);
  const hosts = Array.from({ length: hostsCount }, () => new HostProcess());
  const [made] = await Promise.all([
    makeDemoDevices(work, (i) => hostOf(hosts, i)),
    ...relays.map((relay) => startRelay(relay, founding.org)),
  ]);
  const fromMs = Math.round(Date.now() + drillInMs + (Date.now() - startedMs) / 2);
  const demo = signDemoList(work, founding, made, relays, { fromMs, toMs: fromMs + drillSpreadMs });
  const { genesis, version, members } = demo.list;
  io.err(`Three relays listen: ${relays.map((relay) => relay.leaf.name).join(', ')}.`);
  io.err(
    `${genesis.name} is founded: ${genesis.threshold} of ${genesis.custodians.length} custodians signed muster list ${version} with ${members.length} members.`,
  );
  const people = await openDevices(demo, hosts);
  await waitFor('every device to reach every relay', 60_000, async () => {
    const homes = await Promise.all(people.map((person) => person.call('home.read', {})));
    return homes.every((home) => home.relays.every((relay) => relay.state === 'up')) ? true : undefined;
  });
  io.err(`Twelve devices are up in ${hostsCount} processes and found each other by the list alone.`);
  let shown: ReadonlyMap<string, string> = new Map();
  let killed: Promise<void> | undefined;
  const kill = (): Promise<void> => {
    killed ??= readShownAsSent(people).then((before) => {
      shown = before;
      return killRelay(relays, options, io);
    });
    return killed;
  };
  if (options.killAfterMs !== undefined) setTimeout(() => void kill(), options.killAfterMs);
  const script: DrillScript = {
    people,
    ...demo.roles,
    interruptAfter: 4,
    interrupt: kill,
    say: (line) => io.err(line),
  };
  // At the same time: on a machine that is busy the alarm may go off before everything is said, as in life.
  const [report] = await Promise.all([playDrill(script, 120_000), exchangeMessages(people, demo, io)]);
  shown = new Map([...shown, ...(await readShownAsSent(people))]);
  const lost = await countLost(people, shown);
  return conclude({ options, io, demo, relays, people, report, shown: shown.size, lost, startedMs });
}

function hostOf(hosts: readonly HostProcess[], i: number): HostProcess {
  const host = hosts[i % hosts.length];
  if (host === undefined) throw new Broken('broken', 'no process for a device');
  return host;
}

async function openDevices(demo: SignedDemo, hosts: readonly HostProcess[]): Promise<readonly Person[]> {
  return Promise.all(
    demo.devices.map(async (device, i) => {
      const host = hostOf(hosts, i);
      await host.ask({
        type: 'open',
        device: device.handle,
        dir: device.dir,
        passphrase: device.passphrase,
        bundle: demo.bundlePath,
      });
      return new Person(device.handle, device.name, host);
    }),
  );
}

async function exchangeMessages(people: readonly Person[], demo: SignedDemo, io: DemoIo): Promise<void> {
  const [ada, bela, cleo, dunja] = people;
  if (ada === undefined || bela === undefined || cleo === undefined || dunja === undefined)
    throw new Broken('broken', 'too few people');
  const inRoom = people.slice(0, 6);
  const everyone = (await ada.call('home.read', {})).rooms.find((room) => room.kind === 'org');
  if (everyone === undefined) throw new Broken('broken', 'there is no room for everyone');
  await ada.call('room.send', { room: everyone.id, text: messages.everyone });
  const members = await membersOf(ada, demo);
  const { room } = await ada.call('room.create', { title: 'Domain takeover', members: members.slice(0, 6) });
  const say = async (person: Person, text: string) => {
    await waitFor(`${person.name} to be let into the room`, 20_000, async () =>
      (await person.call('home.read', {})).rooms.some((each) => each.id === room) ? true : undefined,
    );
    await person.call('room.send', { room, text });
  };
  await say(ada, messages.first);
  await say(cleo, messages.reply);
  await say(ada, messages.order);
  await say(bela, messages.done);
  await waitFor('every message to be with everyone it is for', 20_000, async () => {
    const views = await Promise.all(inRoom.map((person) => person.call('room.read', { room, limit: 50 })));
    return views.every((view) => view.messages.filter((each) => each.kind === 'text').length === 4) ? true : undefined;
  });
  const status = await waitFor('the devices to say what they have', 15_000, async () => {
    const view = await ada.call('room.read', { room, limit: 50 });
    const own = view.messages.find((each) => each.own && each.kind === 'text');
    return own !== undefined && own.relays >= 2 && own.devices === own.devicesTotal ? own : undefined;
  });
  io.err(
    `Four messages in an incident room of six: each on ${status.relays} of ${status.relaysTotal} relays and ${status.devices} of ${status.devicesTotal} devices. Nobody else can read them.`,
  );
}

async function membersOf(person: Person, demo: SignedDemo): Promise<readonly string[]> {
  const { members } = await person.call('list.read', {});
  return demo.devices.flatMap((device) => members.find((member) => member.name === device.name)?.member ?? []);
}

async function killRelay(relays: readonly DemoRelay[], options: DemoOptions, io: DemoIo): Promise<void> {
  const relay = relays[options.kill - 1];
  if (relay?.process === undefined) throw new Broken('broken', 'there is no such relay to kill');
  await endChild(relay.process, 'SIGKILL');
  io.err(`Relay ${relay.leaf.name} was killed (SIGKILL). Nobody is told; the drill goes on.`);
}

interface Played {
  readonly options: DemoOptions;
  readonly io: DemoIo;
  readonly demo: SignedDemo;
  readonly relays: readonly DemoRelay[];
  readonly people: readonly Person[];
  readonly report: Report;
  readonly shown: number;
  readonly lost: number;
  readonly startedMs: number;
}

async function conclude({
  options,
  io,
  demo,
  relays,
  people,
  report,
  shown,
  lost,
  startedMs,
}: Played): Promise<Concluded> {
  const director = people.find((person) => demo.refs.get(person.name) === report.drill.director);
  if (director === undefined) throw new Broken('broken', 'the drill has no director');
  const pack = join(resolve(options.out), `drill-${String(report.drill.sequence).padStart(4, '0')}-evidence`);
  mkdirSync(resolve(options.out), { recursive: true });
  if (existsSync(join(pack, 'SHA256SUMS'))) rmSync(pack, { recursive: true });
  io.err('Writing the evidence pack, and trying to fool its check …');
  const packFiles = Number(
    await director.host.ask({ type: 'export', device: director.handle, drill: report.drill.id, out: pack }),
  );
  const names = new Map([...demo.refs].map(([name, ref]) => [ref, name]));
  const contacts = demo.list.members.flatMap((member) => [
    member.name ?? '',
    ...(member.contacts ?? []).map((path) => path.value),
  ]);
  const search = searchFiles(readRelayFiles(relays), [
    ...Object.values(messages),
    ...contacts,
    demo.list.genesis.name,
    'Domain takeover',
    report.drill.title,
  ]);
  const verified = await verifyPack(pack, demo.list.org);
  const tampered = await verifyTampered(pack, demo.list.org);
  const sshKeygen = verifyBySshKeygen(pack);
  const killed = relays[options.kill - 1]?.leaf.name ?? '';
  const ok =
    verified &&
    tampered !== undefined &&
    sshKeygen !== 'bad' &&
    lost === 0 &&
    shown > 0 &&
    search.found.length === 0 &&
    search.findsPlanted;
  const result: DemoResult = {
    ok,
    pack: relative(process.cwd(), pack) || pack,
    packFiles,
    organisation: demo.list.org,
    report,
    names,
    relayKilled: killed,
    shownAsSent: shown,
    acknowledgedThenLost: lost,
    search,
    verified,
    tampered: tampered ?? { file: '', text: 'THE CHECK DID NOT NOTICE' },
    sshKeygen,
    durationMs: Date.now() - startedMs,
  };
  io.out(options.json ? JSON.stringify(jsonOf(result)) : summaryOf(result));
  return { result, director };
}

/** Shows the window of one device until the process is asked to end. */
async function keepOpen(person: Person, io: DemoIo): Promise<void> {
  const url = String(await person.host.ask({ type: 'window', device: person.handle }));
  io.err(`The window of ${person.name}’s device: ${url}`);
  if (!(await openBrowser(url))) io.err('No browser could be opened here; open that address yourself. It works once.');
  io.err('Ctrl-C ends it.');
  await io.untilInterrupted();
}
