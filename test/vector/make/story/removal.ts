/** People are put out: at the same time, each other, and with more than one cut. */
import type { Scenario } from '../../scenario.ts';
import { founders, type Name, type Stage } from './stage.ts';
import { operationsOf, Story } from './story.ts';

const allBut = (...names: readonly Name[]): readonly Name[] => founders.filter((name) => !names.includes(name));

export function removalStories(stage: Stage): readonly Scenario[] {
  return [twoRemovals(stage), mutual(stage), newcomer(stage), circle(stage), cuts(stage), backdated(stage)];
}

function twoRemovals(stage: Stage): Scenario {
  const { remove } = operationsOf(stage);
  const story = new Story(stage, 'two remove different people at the same time');
  for (const n of [1, 2, 3]) story.says(`Emil writes ${n}`, 'emil');
  for (const n of [1, 2]) story.says(`Cleo writes ${n}`, 'cleo');
  story.opens('an epoch for fewer than its operations give', 'goran', { for: allBut('emil', 'cleo') });
  story.does('Ada removes Emil', 'ada', remove(['emil'], { emil: 2 }));
  story.does('Bela removes Cleo', 'bela', remove(['cleo'], { cleo: 1 }));
  const both = ['Ada removes Emil', 'Bela removes Cleo'];
  story.opens('an epoch that knows of both removals', 'goran', { knows: both, for: allBut('emil', 'cleo') });
  story.opens('a newer epoch that knows of one', 'ada', { knows: ['Ada removes Emil'], for: allBut('emil') });
  story.opens('the newest epoch, which knows of none', 'dunja', { for: founders });
  return story.ends({
    gone: ['emil', 'cleo'],
    heads: both,
    voids: { 'cleo/1': [{ from: 1 }], 'emil/1': [{ from: 2 }] },
    grants: { 'an epoch for fewer than its operations give': 'out-of-place' },
    sentIn: 'an epoch that knows of both removals',
  });
}

function mutual(stage: Stage): Scenario {
  const { remove } = operationsOf(stage);
  const [senior = 'bela', junior = 'goran'] = stage.bySeniority('bela', 'goran');
  const story = new Story(stage, 'two commanders remove each other: the senior stays');
  story.says('the junior writes', junior);
  story.does('the senior removes the junior', senior, remove([junior], { [junior]: 1 }));
  story.does('the junior removes the senior', junior, remove([senior], { [senior]: 0 }));
  story.says('the senior writes', senior);
  const both = ['the senior removes the junior', 'the junior removes the senior'];
  story.opens('the junior’s epoch', junior, { knows: both.slice(1), for: allBut(senior) });
  story.opens('Ada’s epoch', 'ada', { knows: both, for: allBut(junior) });
  return story.ends({
    verdicts: { 'the junior removes the senior': 'overruled' },
    gone: [junior],
    heads: both,
    contested: ['the senior removes the junior'],
    voids: { [`${junior}/1`]: [{ from: 1 }] },
    grants: { 'the junior’s epoch': 'not-a-member' },
    sentIn: 'Ada’s epoch',
  });
}

function newcomer(stage: Stage): Scenario {
  const { add, remove, role } = operationsOf(stage);
  const story = new Story(stage, 'of two commanders who remove each other the one who was there first stays');
  story.does('Bela adds Fatma', 'bela', add(['fatma']));
  story.does('Ada makes Fatma a commander', 'ada', role('fatma', 'commander'), { knows: ['Bela adds Fatma'] });
  story.does('Bela adds Hana', 'bela', add(['hana']), { knows: ['Bela adds Fatma'] });
  const knows = ['Ada makes Fatma a commander', 'Bela adds Hana'];
  const [, , last = 'goran'] = stage.bySeniority('ada', 'bela', 'goran');
  story.does('Fatma removes a founder', 'fatma', remove([last]), { knows });
  story.does('the founder removes Fatma', last, remove(['fatma'], { fatma: 0 }), { knows });
  return story.ends({
    verdicts: { 'Fatma removes a founder': 'overruled' },
    came: ['hana'],
    heads: ['Fatma removes a founder', 'the founder removes Fatma'],
    contested: ['the founder removes Fatma'],
    voids: { 'fatma/1': [{ from: 0 }] },
  });
}

function circle(stage: Stage): Scenario {
  const { remove } = operationsOf(stage);
  const [first = 'ada', second = 'bela', third = 'goran'] = stage.bySeniority('ada', 'bela', 'goran');
  const story = new Story(stage, 'three commanders remove each other in a circle');
  story.does('first removes second', first, remove([second], { [second]: 1 }));
  story.does('second removes third', second, remove([third], { [third]: 1 }));
  story.does('third removes first', third, remove([first], { [first]: 1 }));
  for (const who of [first, second, third]) story.says(`${who} writes`, who);
  // The senior's removal holds, so the second's does not; then nothing stands against the third's, which holds as well.
  return story.ends({
    verdicts: { 'second removes third': 'overruled' },
    gone: [first, second],
    heads: ['first removes second', 'second removes third', 'third removes first'],
    contested: ['first removes second'],
    voids: { [`${first}/1`]: [{ from: 1 }], [`${second}/1`]: [{ from: 1 }] },
  });
}

function cuts(stage: Stage): Scenario {
  const { remove } = operationsOf(stage);
  const story = new Story(stage, 'of two cuts made at the same time the more generous holds');
  for (const n of [1, 2, 3, 4, 5]) story.says(`Emil writes ${n}`, 'emil');
  story.says('Emil writes on his other device', 'emil/2');
  story.does('Bela removes Emil after one entry', 'bela', remove(['emil'], { emil: 1 }));
  story.does('Goran removes Emil after three', 'goran', remove(['emil'], { emil: 3, 'emil/2': 1 }));
  return story.ends({
    gone: ['emil'],
    heads: ['Bela removes Emil after one entry', 'Goran removes Emil after three'],
    voids: { 'emil/1': [{ from: 3 }], 'emil/2': [{ from: 1 }] },
  });
}

function backdated(stage: Stage): Scenario {
  const { remove, add } = operationsOf(stage);
  const story = new Story(stage, 'who was removed goes on as if from before');
  for (const n of [1, 2]) story.says(`Cleo writes ${n}`, 'cleo');
  story.opens('Cleo’s epoch', 'cleo', { for: founders });
  story.does('Ada removes Cleo', 'ada', remove(['cleo'], { cleo: 2 }));
  story.says('Cleo writes as if she did not know', 'cleo');
  story.does('Cleo adds Hana as if she did not know', 'cleo', add(['hana']));
  story.opens('Ada’s epoch', 'ada', { knows: ['Ada removes Cleo'], for: allBut('cleo') });
  story.hands('Ada’s epoch, handed on by Cleo', 'cleo', 'Ada’s epoch', 1);
  story.hands('Ada’s epoch, handed on by Emil', 'emil', 'Ada’s epoch', 1);
  return story.ends({
    verdicts: { 'Cleo adds Hana as if she did not know': 'overruled' },
    gone: ['cleo'],
    heads: ['Ada removes Cleo', 'Cleo adds Hana as if she did not know'],
    voids: { 'cleo/1': [{ from: 2 }] },
    grants: { 'Cleo’s epoch': 'not-a-member', 'Ada’s epoch, handed on by Cleo': 'not-a-member' },
    sentIn: 'Ada’s epoch',
  });
}
