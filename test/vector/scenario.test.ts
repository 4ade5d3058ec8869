/** Every story ends as it says, in whatever order its parts come; and what is on disk is what the seed makes. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { PeerFault } from '../../src/wire/fault.ts';
import { makeScenarios } from './make/scenario.ts';
import { play, type Scenario, type ScenarioFile } from './scenario.ts';

beforeAll(loadSodium);

const file = JSON.parse(readFileSync(new URL('./data/scenario.json', import.meta.url), 'utf8')) as ScenarioFile;

it('the data on disk is what the generator makes', () => {
  expect(JSON.stringify(file) === JSON.stringify(makeScenarios())).toBe(true);
});

it('each story has its own name, and two orders or more that differ', () => {
  expect(new Set(file.scenarios.map(({ name }) => name)).size).toBe(file.scenarios.length);
  for (const { name, orders, entries, grants } of file.scenarios) {
    expect(new Set(orders.map(({ deliver }) => deliver.join('\n'))).size, name).toBeGreaterThan(1);
    const all = [...Object.keys(entries), ...Object.keys(grants)].sort();
    for (const { deliver } of orders) expect([...deliver].sort(), name).toEqual(all);
  }
});

describe.each(file.scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
  it.each(scenario.orders.map((order, i) => [i + 1, order] as const))('in order %d', (_i, order) => {
    const { waits, end } = play(file, scenario, order);
    expect(end).toEqual(scenario.expect);
    expect(waits).toEqual(order.waits);
  });

  it('no entry can be altered', () => {
    for (const [label, bytes] of Object.entries(scenario.entries)) {
      // The last byte is what is said, or a part of it; nothing else of the entry changes.
      const altered = bytes.slice(0, -1) + (bytes.endsWith('0') ? '1' : '0');
      const other: Scenario = { ...scenario, entries: { ...scenario.entries, [label]: altered } };
      const [order] = scenario.orders;
      if (order === undefined) throw new Error('a story has an order');
      expect(() => play(file, other, order), label).toThrow(PeerFault);
    }
  });
});

it('a story whose end is another one does not pass: each part of the end is looked at', () => {
  const [scenario] = file.scenarios;
  const [order] = scenario?.orders ?? [];
  if (scenario === undefined || order === undefined) throw new Error('there is a story');
  const { [Object.keys(scenario.entries).find((label) => label.includes('removes')) ?? '']: _, ...entries } =
    scenario.entries;
  const shorter = { ...order, deliver: order.deliver.filter((label) => label in entries || label in scenario.grants) };
  const { end } = play(file, { ...scenario, entries }, shorter);
  for (const part of ['verdicts', 'people', 'roster', 'heads', 'voids', 'grants', 'sentIn'] as const)
    expect(end[part], part).not.toEqual(scenario.expect[part]);
});
