/**
 * One case in a process of its own, with every contender in it: `fork(case.mjs, [scratch, name, ...])`. The figures go
 * to the parent as a message.
 */
import * as matrix from './matrix.mjs';
import { compare, summarize, takeTurns, timed } from './measure.mjs';
import * as mls from './mls.mjs';
import * as ours from './ours.mjs';
import * as signal from './signal.mjs';

const text = 'The directory is down; nobody signs in by mail. '.repeat(22).slice(0, 1024);
const perRound = 25;

/** A round of one contender: so many sealed, then the same opened. */
const messageRound =
  (messenger, plain, wrap = (sealed) => sealed) =>
  async () => {
    const sealed = [];
    const seal = await timed(perRound, async () => sealed.push(await messenger.seal(plain)));
    const wrapped = sealed.map(wrap);
    return { seal, open: await timed(perRound, (i) => messenger.open(wrapped[i])) };
  };

async function message(scratch, rounds) {
  const lib = await signal.loadSignal(scratch);
  const room = ours.makeRoom(10);
  const mine = ours.messenger(room, 0);
  if (mine.open(mine.seal(text)) !== text) throw new Error('our own text did not come back');
  const theirs = matrix.messenger(await matrix.joinRoom(await matrix.loadMatrix(scratch), 10));
  const contenders = {
    ours: messageRound(mine, text),
    'ours, epoch a day old': messageRound(ours.messenger(room, 95), text),
    matrix: messageRound(theirs, JSON.stringify({ msgtype: 'm.text', body: text }), theirs.wrap),
    signal: messageRound(await signal.messenger(lib), new TextEncoder().encode(text)),
  };
  return report(await takeTurns(contenders, { rounds, warmUp: 8 }), 'ours');
}

/** Medians of everyone, and our ratio to each. */
function report(times, mine) {
  const others = Object.keys(times).filter((name) => name !== mine);
  return {
    ms: Object.fromEntries(Object.entries(times).map(([name, rounds]) => [name, summarize(rounds)])),
    ratios: Object.fromEntries(others.map((name) => [name, compare(times[mine], times[name])])),
  };
}

const total = (messages) => messages.reduce((sum, bytes) => sum + bytes.length, 0);

async function removal(scratch, rounds, size) {
  const remove = ours.remover(ours.makeRoom(size));
  const theirs = matrix.remover(await matrix.joinRoom(await matrix.loadMatrix(scratch), size));
  const sessions = signal.remover(await signal.joinGroup(await signal.loadSignal(scratch), size));
  const tree = mls.remover(await mls.createGroup(await mls.loadMls(scratch), size), size);
  const bytes = {};
  const contenders = {
    ...Object.fromEntries(
      Object.entries(remove).map(([kind, work]) => [
        `ours ${kind}`,
        async () => {
          let packets;
          const send = await timed(1, () => {
            packets = work();
          });
          bytes[`ours ${kind}`] = total(packets);
          return { send };
        },
      ]),
    ),
    async matrix() {
      let requests;
      const send = await timed(1, async () => {
        requests = await theirs.rotate();
      });
      const messages = await theirs.finish(requests);
      bytes.matrix = messages.reduce((sum, { content }) => sum + JSON.stringify(content).length, 0);
      bytes['matrix messages'] = messages.length;
      return { send };
    },
    async mls() {
      let commit;
      const send = await timed(1, async () => {
        commit = await tree.commit();
      });
      bytes.mls = tree.bytes(commit);
      return { send };
    },
    async signal() {
      let sealed;
      const send = await timed(1, async () => {
        sealed = await sessions();
      });
      bytes.signal = total(sealed);
      return { send };
    },
  };
  await tree.check(await tree.commit());
  const times = await takeTurns(contenders, { rounds, warmUp: 8 });
  const kinds = Object.keys(remove);
  return {
    bytes: { ...bytes, 'mls to everyone': bytes.mls * (size - 2) },
    ...Object.fromEntries(kinds.map((kind) => [kind, report(times, `ours ${kind}`)])),
  };
}

async function sizes(scratch, size) {
  const room = ours.makeRoom(size);
  const short = 'x'.repeat(100);
  const theirs = signal.measureState(await signal.joinGroup(await signal.loadSignal(scratch), size));
  const mine = ours.measureState(room);
  const sum = (parts) => Object.values(parts).reduce((a, b) => a + b, 0);
  return {
    envelope: [0, 1, 2].map((heads) => ours.measureEnvelope(room, short, heads)),
    state: { ours: mine, signal: theirs },
    sum: { ours: sum(mine), signal: sum(theirs) },
  };
}

const cases = {
  message: (scratch, rounds) => message(scratch, rounds),
  'removal-50': (scratch, rounds) => removal(scratch, rounds, 50),
  'removal-250': (scratch, rounds) => removal(scratch, rounds, 250),
  'sizes-250': (scratch) => sizes(scratch, 250),
};

process.once('disconnect', () => process.exit(1)); // whoever wanted the figures is gone
const [scratch, name, rounds] = process.argv.slice(2);
process.send(await cases[name](scratch, Number(rounds)), () => process.exit(0));
