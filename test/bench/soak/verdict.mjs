/** Whether a run of minutes was flat: pure, from the figures of each minute to sentences about what is not well. */

const MiB = 1024 * 1024;

/** Least squares: what `values` grow from one to the next. */
export function slope(values) {
  const n = values.length;
  const meanX = (n - 1) / 2;
  const meanY = values.reduce((sum, each) => sum + each, 0) / n;
  let [over, under] = [0, 0];
  values.forEach((value, x) => {
    over += (x - meanX) * (value - meanY);
    under += (x - meanX) ** 2;
  });
  return under === 0 ? 0 : over / under;
}

/** In fewer minutes than these pools and caches still fill, and a line through memory says nothing. */
export const leastMinutes = 6;

const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;

/**
 * `minutes`: `{ heapLow, rss, ackP50Ms, ackP99Ms, wayP50Ms, wayP99Ms, outOfOrder, refused, cut }` each, memory in bytes.
 * Of memory the first third is left out: caches and pools fill. Of latency the first third is held against the last. Answers what is wrong, nothing if it holds.
 */
export function judge(minutes) {
  const steady = minutes.slice(Math.floor(minutes.length / 3));
  const faults = [];
  const isLong = minutes.length >= leastMinutes;
  // Growth over the steady part, drawn as a line: noise of a garbage collector stays below this, a leak does not.
  for (const [what, allowed] of [
    ['heapLow', 0.15],
    ['rss', 0.15],
  ]) {
    const values = steady.map((each) => each[what]);
    const grown = slope(values) * (values.length - 1);
    if (isLong && grown > Math.max(8 * MiB, allowed * mean(values)))
      faults.push(`${what} grew by ${(grown / MiB).toFixed(0)} MiB over ${values.length} minutes`);
  }
  const third = Math.max(1, Math.floor(minutes.length / 3));
  for (const [what, factor, floorMs] of [
    ['ackP50Ms', 1.5, 3],
    ['wayP50Ms', 1.5, 3],
    ['ackP99Ms', 2, 30],
    ['wayP99Ms', 2, 30],
  ]) {
    const values = minutes.map((each) => each[what]);
    const [early, late] = [mean(values.slice(0, third)), mean(values.slice(-third))];
    if (late > early * factor + floorMs) faults.push(`${what} rose from ${early.toFixed(1)} to ${late.toFixed(1)}`);
  }
  for (const [i, minute] of minutes.entries()) {
    if (minute.outOfOrder > 0) faults.push(`minute ${i + 1}: ${minute.outOfOrder} deliveries out of order or twice`);
    const refused = Object.entries(minute.refused);
    if (refused.length > 0) faults.push(`minute ${i + 1}: refused ${refused.map((each) => each.join(' ')).join(', ')}`);
    if (minute.cut > 0) faults.push(`minute ${i + 1}: ${minute.cut} sockets were cut`);
    if (minute.acknowledged === 0) faults.push(`minute ${i + 1}: nothing was acknowledged`);
  }
  return faults;
}
