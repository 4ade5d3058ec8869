/** What was promised of each figure, and the words in which a run says whether it was kept. */

const byRatio = (what, { ratio, low, high }, limit) => ({
  what,
  value: ratio,
  limit,
  spread: `${low.toFixed(2)}–${high.toFixed(2)}`,
});

/** Lines `{ what, value, limit }`: met when the value is at most the limit. */
export function judge(figures) {
  const { message, 'sizes-250': sizes } = figures;
  const lines = [
    byRatio('1 KB sealed and opened, to the Matrix SDK', message.ratios.matrix, 1),
    byRatio('1 KB sealed and opened, to libsignal sender keys', message.ratios.signal, 2.5),
    ...[50, 250].flatMap((size) => judgeRemoval(figures[`removal-${size}`], size)),
    { what: 'bytes of a 100-byte text, one head named', value: sizes.envelope[1], limit: 460 },
    { what: 'bytes of a 100-byte text, two heads named', value: sizes.envelope[2], limit: 460 },
    { what: 'state in a room of 250, to libsignal', value: sizes.sum.ours / sizes.sum.signal, limit: 0.5 },
  ];
  return lines.map((line) => ({ ...line, isMet: line.value <= line.limit }));
}

function judgeRemoval(removal, size) {
  const peers = { matrix: 'the Matrix SDK', mls: 'MLS with a fresh tree' };
  return ['cold', 'warm'].flatMap((kind) => {
    const measured = removal[kind];
    if (measured === undefined)
      return [{ what: `removing one of ${size}, ${kind}: not in this version`, value: Number.NaN, limit: 1 }];
    return Object.entries(peers).flatMap(([peer, name]) => [
      byRatio(`removing one of ${size}, ${kind}, time to ${name}`, measured.ratios[peer], 1),
      {
        what: `removing one of ${size}, ${kind}, bytes to ${name}`,
        value: removal.bytes[`ours ${kind}`] / removal.bytes[peer],
        limit: 1,
      },
    ]);
  });
}

const round = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3));

function printTimes(title, ms) {
  console.log(`\n${title}, milliseconds (median)`);
  for (const [name, parts] of Object.entries(ms)) {
    const all = Object.keys(parts).length > 2 ? Object.entries(parts) : [['', parts.sum]];
    console.log(`  ${name.padEnd(24)} ${all.map(([part, value]) => `${part} ${round(value)}`.trim()).join('   ')}`);
  }
}

function printBytes(title, bytes) {
  console.log(`\n${title}, bytes`);
  for (const [name, value] of Object.entries(bytes)) console.log(`  ${name.padEnd(24)} ${value}`);
}

export function print(figures, verdicts) {
  printTimes('1 KB in a room', figures.message.ms);
  for (const size of [50, 250]) {
    const removal = figures[`removal-${size}`];
    printTimes(`Removing one of ${size}, sender`, removal.cold.ms);
    printBytes(`Removing one of ${size}, sent`, removal.bytes);
  }
  const { envelope, state, sum } = figures['sizes-250'];
  printBytes('Envelope of a 100-byte text', {
    'no head': envelope[0],
    'one head': envelope[1],
    'two heads': envelope[2],
  });
  printBytes('State in a room of 250, ours', { ...state.ours, sum: sum.ours });
  printBytes('State in a room of 250, libsignal', { ...state.signal, sum: sum.signal });
  console.log('\nTargets');
  for (const { what, value, limit, spread, isMet } of verdicts) {
    const verdict = isMet ? 'met   ' : 'MISSED';
    const by = isMet || Number.isNaN(value) ? '' : `, missed by ${((value / limit - 1) * 100).toFixed(0)} %`;
    const figure = Number.isNaN(value) ? 'no figure' : round(value);
    console.log(`  ${verdict} ${what}: ${figure} of at most ${limit}${spread ? ` (middle half ${spread})` : ''}${by}`);
  }
}
