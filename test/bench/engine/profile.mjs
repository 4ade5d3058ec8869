/** The part of a case that is measured, with its CPU time; with BENCH_PROFILE=DIR also as a `.cpuprofile` in there. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

export async function measured(name, work) {
  const dir = process.env.BENCH_PROFILE;
  const session = new Session();
  if (dir !== undefined) {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
  }
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const value = await work();
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  if (dir !== undefined) {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(join(dir, `${name}.cpuprofile`), JSON.stringify(profile));
  }
  return { value, ms, cpuMs: (user + system) / 1000 };
}
