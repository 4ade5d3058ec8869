/** One seed, from plan to outcome. */
import { loadSodium } from '../../src/core/sodium.ts';
import type { World } from '../kit/world.ts';
import { rememberAllChecks } from './checked.ts';
import { planOf } from './plan.ts';
import { Run } from './run.ts';
import type { Outcome, Plan, Setting } from './type.ts';

export const usual: Omit<Setting, 'seed'> = { hours: 24, devices: 5, relays: 3 };

/** The core's primitives are loaded; once is enough. */
export async function ready(): Promise<void> {
  await loadSodium();
  rememberAllChecks();
}

export const simulate = (setting: Setting, alter?: (world: World) => void): Outcome => play(planOf(setting), alter);

export const play = (plan: Plan, alter?: (world: World) => void): Outcome => new Run(plan, alter).outcome();
