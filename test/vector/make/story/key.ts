/** Epochs and the list: what is worth what once people, operations and lists have changed. */
import type { Scenario } from '../../scenario.ts';
import { founders, type Name, type Stage } from './stage.ts';
import { operationsOf, Story } from './story.ts';

export function keyStories(stage: Stage): readonly Scenario[] {
  return [removedOpener(stage), unknownOperation(stage), revoked(stage)];
}

function removedOpener(stage: Stage): Scenario {
  const { remove } = operationsOf(stage);
  const story = new Story(stage, 'who was removed opens an epoch (R7), or hands one on (R6)');
  const rest: readonly Name[] = founders.filter((name) => name !== 'emil');
  story.opens('Cleo’s epoch from before', 'cleo', { for: founders });
  story.opens('Emil’s epoch from before', 'emil', { for: founders });
  story.does('Ada removes Emil', 'ada', remove(['emil']));
  const knows = ['Ada removes Emil'];
  story.opens('Goran’s epoch', 'goran', { knows, for: rest });
  story.opens('Bela’s epoch, with Emil still in it', 'bela', { knows, for: founders });
  story.opens('Emil’s epoch that covers his own removal', 'emil', { knows, for: rest });
  story.hands('Goran’s epoch, with another secret', 'goran', 'Goran’s epoch', 0, new Uint8Array(32).fill(1));
  story.hands('Goran’s epoch from a later bucket, by Emil', 'emil', 'Goran’s epoch', 2);
  story.hands('Goran’s epoch from a later bucket, by Cleo', 'cleo', 'Goran’s epoch', 2);
  return story.ends({
    gone: ['emil'],
    heads: knows,
    grants: {
      'Emil’s epoch from before': 'not-a-member',
      'Bela’s epoch, with Emil still in it': 'out-of-place',
      'Emil’s epoch that covers his own removal': 'not-a-member',
      'Goran’s epoch, with another secret': 'bad-commitment',
      'Goran’s epoch from a later bucket, by Emil': 'not-a-member',
    },
    sentIn: 'Goran’s epoch',
  });
}

function unknownOperation(stage: Stage): Scenario {
  const { add, policy, remove } = operationsOf(stage);
  const story = new Story(stage, 'a grant waits for the operations it names (R1)');
  story.does('Ada adds Fatma', 'ada', add(['fatma']));
  story.does('Bela tightens the policy', 'bela', policy('none', 'high'), { knows: ['Ada adds Fatma'] });
  story.does('Goran removes Emil, and nobody hears of it', 'goran', remove(['emil']));
  story.loses('Goran removes Emil, and nobody hears of it');
  const all: readonly Name[] = [...founders, 'fatma'];
  story.opens('an epoch that knows of Fatma', 'ada', { knows: ['Ada adds Fatma'], for: all });
  story.opens('an epoch that knows of the policy', 'bela', { knows: ['Bela tightens the policy'], for: all });
  story.opens('an epoch that knows what nobody heard of', 'goran', {
    knows: ['Goran removes Emil, and nobody hears of it'],
    for: founders.filter((name) => name !== 'emil'),
  });
  story.opens('an epoch of the list to come', 'dunja', {
    knows: ['Bela tightens the policy'],
    for: all.filter((name) => name !== 'cleo'),
    list: 2,
  });
  return story.ends({
    came: ['fatma'],
    policy: { history: 'none', horizon: 'high' },
    heads: ['Bela tightens the policy'],
    grants: {
      'an epoch that knows what nobody heard of': 'unknown-reference',
      'an epoch of the list to come': 'unknown-reference',
    },
    sentIn: 'an epoch that knows of the policy',
  });
}

function revoked(stage: Stage): Scenario {
  const { add, remove, role } = operationsOf(stage);
  const story = new Story(stage, 'the list wins, and what its former officers did counts if others built on it');
  story.does('Cleo adds Fatma', 'cleo', add(['fatma']));
  story.says('Emil writes, knowing it', 'emil', { knows: ['Cleo adds Fatma'] });
  story.does('Cleo removes Emil, and nobody knew', 'cleo', remove(['emil']), { knows: ['Cleo adds Fatma'] });
  story.does('Dunja adds Hana', 'dunja', add(['hana']));
  story.says('Goran writes, knowing it', 'goran', { knows: ['Dunja adds Hana'] });
  const alone = 'Dunja removes Emil, and only she says so';
  story.does(alone, 'dunja', remove(['emil']), { knows: ['Dunja adds Hana'] });
  story.says('Dunja writes, knowing it', 'dunja', { knows: [alone] });
  story.does('Dunja gives a role', 'dunja', role('emil', 'officer'), { knows: [alone] });
  const both = ['Cleo adds Fatma', 'Dunja adds Hana'];
  story.does('Ada adds Cleo', 'ada', add(['cleo']), { knows: both });
  const here: readonly Name[] = [...founders.filter((name) => name !== 'cleo'), 'fatma', 'hana'];
  story.opens('Ada’s epoch of the first list', 'ada', { knows: ['Ada adds Cleo'], for: [...here, 'cleo'] });
  story.opens('Cleo’s epoch of the first list', 'cleo', { for: founders });
  story.opens('Bela’s epoch', 'bela', { knows: ['Ada adds Cleo'], for: here, list: 2 });
  story.opens('Bela’s epoch that leaves somebody out', 'bela', {
    knows: ['Ada adds Cleo'],
    for: here.slice(1),
    list: 2,
  });
  story.opens('Ada’s newest epoch of the first list', 'ada', { knows: ['Ada adds Cleo'], for: [...here, 'cleo'] });
  return story.ends({
    list: 'second',
    verdicts: {
      'Cleo removes Emil, and nobody knew': 'no-right',
      [alone]: 'no-right',
      'Dunja gives a role': 'no-right',
    },
    gone: ['cleo'],
    came: ['fatma', 'hana'],
    roles: { dunja: 'responder' },
    heads: ['Ada adds Cleo'],
    grants: {
      'Cleo’s epoch of the first list': 'not-a-member',
      'Bela’s epoch that leaves somebody out': 'out-of-place',
    },
    sentIn: 'Bela’s epoch',
  });
}
