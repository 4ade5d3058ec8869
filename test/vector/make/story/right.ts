/** Who comes in, who may do what, and a device that contradicts itself. */
import type { Scenario } from '../../scenario.ts';
import { founders, type Name, type Stage } from './stage.ts';
import { operationsOf, Story } from './story.ts';

export function rightStories(stage: Stage): readonly Scenario[] {
  return [
    removeBeatsAdd(stage),
    addedAgain(stage),
    deviceAgain(stage),
    overstep(stage),
    demoted(stage),
    lowerRole(stage),
    stricter(stage),
    forked(stage),
  ];
}

function removeBeatsAdd(stage: Stage): Scenario {
  const { add, remove } = operationsOf(stage);
  const story = new Story(stage, 'a removal beats an addition made at the same time');
  story.does('Bela adds Fatma', 'bela', add(['fatma']));
  story.says('Fatma writes', 'fatma', { knows: ['Bela adds Fatma'] });
  story.does('Goran removes Fatma', 'goran', remove(['fatma'], { fatma: 0 }), { knows: ['Bela adds Fatma'] });
  story.does('Ada adds Fatma', 'ada', add(['fatma']), { knows: ['Bela adds Fatma'] });
  return story.ends({
    heads: ['Goran removes Fatma', 'Ada adds Fatma'],
    voids: { 'fatma/1': [{ from: 0 }] },
  });
}

function addedAgain(stage: Stage): Scenario {
  const { add, remove } = operationsOf(stage);
  const story = new Story(stage, 'who was removed is added again by somebody who knew of it');
  for (const n of [1, 2]) story.says(`Emil writes ${n}`, 'emil');
  story.does('Ada removes Emil', 'ada', remove(['emil'], { emil: 1 }));
  story.opens('an epoch from while Emil was out', 'goran', {
    knows: ['Ada removes Emil'],
    for: founders.filter((name) => name !== 'emil'),
  });
  story.does('Bela adds Emil again', 'bela', add(['emil']), { knows: ['Ada removes Emil'] });
  story.says('Emil writes again', 'emil', { knows: ['Bela adds Emil again'] });
  story.opens('an epoch for all', 'bela', { knows: ['Bela adds Emil again'], for: founders });
  return story.ends({
    heads: ['Bela adds Emil again'],
    voids: { 'emil/1': [{ from: 1, to: 2 }] },
    sentIn: 'an epoch for all',
  });
}

function deviceAgain(stage: Stage): Scenario {
  const { add, remove } = operationsOf(stage);
  const story = new Story(stage, 'one device of somebody is out for a while');
  story.says('Emil writes on his phone', 'emil/2');
  story.does('Emil takes his phone out', 'emil', remove([], { 'emil/2': 1 }, ['emil/2']));
  story.says('the phone writes on', 'emil/2');
  story.says('Emil writes', 'emil');
  story.opens('an epoch without the phone', 'emil', {
    knows: ['Emil takes his phone out'],
    for: founders,
    without: ['emil/2'],
  });
  story.does('Cleo lets it in again', 'cleo', add([], ['emil/2']), { knows: ['Emil takes his phone out'] });
  story.says('the phone writes again', 'emil/2', { knows: ['Cleo lets it in again'] });
  return story.ends({
    heads: ['Cleo lets it in again'],
    voids: { 'emil/2': [{ from: 1, to: 2 }] },
    sentIn: 'an epoch without the phone',
  });
}

function overstep(stage: Stage): Scenario {
  const { add, remove, role, policy } = operationsOf(stage);
  const story = new Story(stage, 'what an officer and a responder may not do');
  const past: string[] = [];
  const cleo = (label: string, body: ReturnType<typeof add>, ...also: readonly string[]) => {
    story.does(label, 'cleo', body, { knows: [...past.slice(-1), ...also] });
    past.push(label);
  };
  story.does('Bela adds Fatma', 'bela', add(['fatma']));
  cleo('an officer removes an officer', remove(['dunja']));
  cleo('an officer gives a role', role('emil', 'officer'));
  cleo('an officer sets the policy', policy('all', 'default'));
  cleo('an officer removes a responder', remove(['fatma']), 'Bela adds Fatma');
  cleo('an officer removes a commander', remove(['bela']));
  story.does('a responder adds somebody', 'emil', add(['hana']));
  story.does('a responder takes out a device of their own', 'emil', remove([], {}, ['emil/2']), {
    knows: ['a responder adds somebody'],
  });
  story.does('a stranger to the room adds herself', 'hana', add(['hana']));
  const no = ['an officer removes an officer', 'an officer gives a role', 'an officer sets the policy'];
  const more = ['an officer removes a commander', 'a responder adds somebody', 'a stranger to the room adds herself'];
  return story.ends({
    verdicts: Object.fromEntries([...no, ...more].map((label) => [label, 'no-right'])),
    out: ['emil/2'],
    heads: ['an officer removes a responder', 'a responder takes out a device of their own'],
    voids: { 'hana/1': [{ from: 0 }] },
  });
}

function demoted(stage: Stage): Scenario {
  const { add, role } = operationsOf(stage);
  const story = new Story(stage, 'a demotion voids what the demoted one did at the same time, and not what was before');
  story.does('Cleo adds Fatma', 'cleo', add(['fatma']));
  story.does('Ada makes Cleo a responder', 'ada', role('cleo', 'responder'), { knows: ['Cleo adds Fatma'] });
  story.does('Cleo adds Hana', 'cleo', add(['hana']), { knows: ['Cleo adds Fatma'] });
  story.does('Cleo adds Hana, knowing it', 'cleo', add(['hana']), {
    knows: ['Cleo adds Hana', 'Ada makes Cleo a responder'],
  });
  return story.ends({
    verdicts: { 'Cleo adds Hana': 'overruled', 'Cleo adds Hana, knowing it': 'no-right' },
    came: ['fatma'],
    roles: { cleo: 'responder' },
    heads: ['Ada makes Cleo a responder', 'Cleo adds Hana'],
  });
}

function lowerRole(stage: Stage): Scenario {
  const { add, role } = operationsOf(stage);
  const story = new Story(stage, 'of roles given at the same time the lower one holds');
  story.does('Ada makes Emil an officer', 'ada', role('emil', 'officer'));
  story.does('Emil adds Hana', 'emil', add(['hana']), { knows: ['Ada makes Emil an officer'] });
  const knows = ['Emil adds Hana'];
  story.does('Bela makes Emil a commander', 'bela', role('emil', 'commander'), { knows });
  story.does('Goran makes Emil an observer', 'goran', role('emil', 'observer'), { knows });
  return story.ends({
    came: ['hana'],
    roles: { emil: 'observer' },
    heads: ['Bela makes Emil a commander', 'Goran makes Emil an observer'],
  });
}

function stricter(stage: Stage): Scenario {
  const { policy } = operationsOf(stage);
  const story = new Story(stage, 'of policies set at the same time the stricter holds in each part');
  story.does('Ada lets newcomers read everything', 'ada', policy('all', 'default'));
  story.does('Bela lets newcomers read everything, and keys go soon', 'bela', policy('all', 'high'), {
    knows: ['Ada lets newcomers read everything'],
  });
  story.does('Goran closes the history', 'goran', policy('none', 'default'), {
    knows: ['Ada lets newcomers read everything'],
  });
  return story.ends({
    policy: { history: 'none', horizon: 'high' },
    heads: ['Bela lets newcomers read everything, and keys go soon', 'Goran closes the history'],
  });
}

function forked(stage: Stage): Scenario {
  const { add } = operationsOf(stage);
  const story = new Story(stage, 'a device that contradicts itself is out for good');
  story.says('Dunja writes 1', 'dunja');
  story.says('Dunja writes 2', 'dunja');
  story.does('a copy of Dunja’s device adds Hana', 'dunja', add(['hana']), { after: 'Dunja writes 1' });
  story.opens('Dunja’s epoch', 'dunja', { for: founders });
  story.does('Emil proves it', 'emil', story.proof('Dunja writes 2', 'a copy of Dunja’s device adds Hana'));
  const broken = { type: 'fork', proof: new Uint8Array([1, 2, 3]) } as const;
  story.does('Cleo proves nothing', 'cleo', broken);
  story.does('Bela lets the device in again', 'bela', add([], ['dunja']), { knows: ['Emil proves it'] });
  story.says('Dunja writes 3', 'dunja');
  const knows = ['Bela lets the device in again', 'a copy of Dunja’s device adds Hana'];
  const others: readonly Name[] = founders;
  story.opens('Goran’s epoch', 'goran', { knows, for: others, without: ['dunja'] });
  return story.ends({
    verdicts: { 'a copy of Dunja’s device adds Hana': 'overruled', 'Cleo proves nothing': 'no-right' },
    out: ['dunja'],
    heads: ['Bela lets the device in again', 'a copy of Dunja’s device adds Hana'],
    voids: { 'dunja/1': [{ from: 1 }] },
    grants: { 'Dunja’s epoch': 'not-a-member' },
    sentIn: 'Goran’s epoch',
  });
}
