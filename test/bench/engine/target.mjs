/** What was promised of each figure, and the words in which a run says whether it was kept. */

const most = (what, value, limit) => ({ what, value, limit: `at most ${limit}`, isMet: value <= limit });
const least = (what, value, limit) => ({ what, value, limit: `at least ${limit}`, isMet: value >= limit });

/** `figures`: by case, as case.mjs gives them; cases that did not run are left out. */
export function judge(figures) {
  const { send, large, idle } = figures;
  const catchUp = figures['catch-up'];
  return [
    ...(send === undefined
      ? []
      : [most('typing to sent, three relays, to a bare append at one (p50)', send.sent.p50 / send.bare.p50, 2)]),
    ...(catchUp === undefined
      ? []
      : [
          least('catch-up, entries of 500 bytes a second', catchUp.perS, 4000),
          least('the same by CPU time of the device alone', catchUp.perCpuS, 4000),
        ]),
    ...(large === undefined
      ? []
      : [
          most(`search over ${large.count}, ms (p50 of all kinds)`, large.search.p50, 50),
          most(`first screen of a room of ${large.count}, ms`, large.firstMs, 100),
        ]),
    ...(idle === undefined ? [] : [most('idle device with 50 rooms, resident MB', idle.megabytes, 150)]),
  ];
}

const round = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

export function print(figures, verdicts) {
  for (const [name, facts] of Object.entries(figures)) {
    console.log(`\n${name}`);
    for (const [key, value] of Object.entries(facts)) {
      const said =
        typeof value === 'number'
          ? round(value)
          : Object.entries(value)
              .map(([k, v]) => `${k} ${round(v)}`)
              .join('   ');
      console.log(`  ${key.padEnd(12)} ${said}`);
    }
  }
  console.log('');
  const width = Math.max(...verdicts.map(({ what }) => what.length));
  for (const { what, value, limit, isMet } of verdicts)
    console.log(`${what.padEnd(width)}  ${round(value).padStart(8)}  ${limit.padEnd(14)}  ${isMet ? 'met' : 'MISSED'}`);
}
