/** The stories, as data. */
import { hex } from '../../../src/wire/bytes.ts';
import type { ScenarioFile } from '../scenario.ts';
import { seed } from './scene.ts';
import { keyStories } from './story/key.ts';
import { removalStories } from './story/removal.ts';
import { rightStories } from './story/right.ts';
import { makeStage } from './story/stage.ts';

export function makeScenarios(): ScenarioFile {
  const stage = makeStage();
  return {
    format: 'muster-scenarios/1',
    subject: 'scenario',
    seed,
    lists: { first: hex(stage.lists.first), second: hex(stage.lists.second) },
    room: hex(stage.room.genesis),
    people: Object.fromEntries(
      stage.people.map(({ name, member, devices }) => [
        name,
        { member, devices: Object.fromEntries(devices.map((device) => [device.name, device.id])) },
      ]),
    ),
    scenarios: [...removalStories(stage), ...rightStories(stage), ...keyStories(stage)],
  };
}
