/**
 * `muster drill`: the drill that runs, or ran last, and answering it. It must never print when an unannounced drill
 * will be: that is the one thing the exercise measures.
 */
import { Argument, type Command } from 'commander';
import { answers } from '../core/body.ts';
import { drillId } from '../core/id.ts';
import { viewHome, viewList } from '../responder/view.ts';
import { CallerFault } from '../wire/fault.ts';
import {
  addDeviceOptions,
  askedOf,
  type DeviceFlags,
  findMember,
  notReached,
  onRelays,
  withDevice,
} from './connect.ts';
import type { Io } from './io.ts';
import { clean, count, facts, moment, paint, second, table } from './say.ts';

interface DrillFlags extends DeviceFlags {
  readonly json?: boolean;
}
interface AnswerFlags extends DrillFlags {
  readonly for?: string;
}
type Answer = (typeof answers)[number];

const words: Readonly<Record<Answer, string>> = {
  there: 'there',
  'need-help': 'need help',
  'not-available': 'not available',
};

export function addDrill(program: Command, io: Io): void {
  const drill = program.command('drill').description('The drill that runs, and your answer to it');
  addDeviceOptions(drill.command('show').description('The drill that runs, or the last one, and what is announced'))
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  muster drill show --dir ada')
    .action((flags: DrillFlags) => show(io, flags));
  addDeviceOptions(
    drill
      .command('answer')
      .description('Answer the drill that runs, for yourself or for somebody you step in for')
      .addArgument(new Argument('<answer>', 'your answer').choices(answers)),
  )
    .option('--for <name>', 'the member you are a deputy of')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  muster drill answer there --dir ada\n  muster drill answer there --for "Béla Szabó" --dir ada',
    )
    .action((said: Answer, flags: AnswerFlags) => answer(io, said, flags));
}

const show = (io: Io, flags: DrillFlags): Promise<void> =>
  withDevice(
    io,
    flags,
    async ({ device, catchUp }) => {
      const isWhole = await catchUp();
      const { alarm } = viewHome(device);
      const { planned, announced } = viewList(device).drills;
      if (flags.json === true) io.out(JSON.stringify({ whole: isWhole, drill: alarm ?? null, planned, announced }));
      else {
        const { bold } = paint(io);
        if (alarm === undefined) io.out('No drill is running, and none ended within the last day.');
        else {
          io.out(bold(`EXERCISE  ${clean(alarm.title)}  (${alarm.state})`));
          if (alarm.scenario !== '') io.out(`  ${clean(alarm.scenario)}`);
          io.out(
            facts([
              ['started', second(alarm.startedAtMs)],
              ['answer by', second(alarm.answerByMs)],
              [alarm.state === 'running' ? 'ends' : 'ended', second(alarm.closesAtMs)],
              ['your answer', alarm.answered === undefined ? 'none yet' : words[alarm.answered]],
              ['reached', `${alarm.reached} of ${alarm.members}`],
              ['answered', `${alarm.acknowledged} of ${alarm.members}`],
              ...alarm.standInFor.map(({ name, role }) => ['step in for', `${name} (${role})`] as const),
            ]),
          );
          for (const line of askedOf(alarm, flags)) io.out(`  ${line}`);
        }
        io.out('');
        io.out(
          `${count(planned, 'drill')} to come${planned === announced.length ? '' : `, ${planned - announced.length} of them unannounced`}.`,
        );
        if (announced.length > 0)
          io.out(
            table(
              ['announced', 'from', 'to'],
              announced.map((each) => [each.title, moment(each.fromMs), moment(each.toMs)]),
            ),
          );
      }
      if (!isWhole) throw notReached(device, 'This is what this device knows; there may be more on the relays');
    },
    { showAlarm: false },
  );

const answer = (io: Io, said: Answer, flags: AnswerFlags): Promise<void> =>
  withDevice(
    io,
    flags,
    async ({ device, catchUp, handOver }) => {
      const standIn = flags.for === undefined ? undefined : findMember(device.state.list.members, flags.for);
      await catchUp();
      const { alarm } = viewHome(device);
      if (alarm?.state !== 'running')
        throw new CallerFault('not-allowed', 'No drill is running, so there is nothing to answer.');
      const { entry } = await device.command({
        type: 'answer',
        drill: drillId.parse(alarm.drill),
        answer: said,
        ...(standIn === undefined ? {} : { standInFor: standIn.id }),
      });
      const relays = await handOver();
      if (flags.json === true)
        io.out(
          JSON.stringify({
            sent: relays > 0,
            entry,
            drill: alarm.drill,
            answer: said,
            relays,
            relaysTotal: device.state.relays.size,
          }),
        );
      if (relays === 0)
        throw notReached(
          device,
          'Your answer is kept on this device, not sent: no relay took it in time. It goes out the next time this device is open',
        );
      if (flags.json !== true)
        io.out(
          `EXERCISE  Answered "${words[said]}"${standIn === undefined ? '' : ` for ${clean(standIn.name ?? flags.for ?? '')}`}: ${onRelays(device, relays)}, on disk.`,
        );
    },
    { showAlarm: false },
  );
