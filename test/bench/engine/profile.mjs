/** The part of a case that is measured, with its CPU time; with BENCH_PROFILE=DIR also as a `.cpuprofile` in there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** CPU time of the thread that everything but signatures of a backlog runs on. Linux says it, in hundredths of a second. */
function threadMs() {
  if (process.platform !== 'linux') return Number.NaN;
  const stat = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export async function measured(name, work) {
  const dir = process.env.BENCH_PROFILE;
  const session = new Session();
  if (dir !== undefined) {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
  }
  const cpu = process.cpuUsage();
  const startedThreadMs = threadMs();
  const startedMs = performance.now();
  const value = await work();
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  const mainMs = threadMs() - startedThreadMs;
  if (dir !== undefined) {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(join(dir, `${name}.cpuprofile`), JSON.stringify(profile));
  }
  return { value, ms, cpuMs: (user + system) / 1000, mainMs };
}
