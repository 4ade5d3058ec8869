/** Texts as people write them in an incident, the same in every run: common words often, rare ones seldom, and hosts. */
const parts = [
  'ba',
  'ker',
  'lo',
  'mi',
  'ran',
  'so',
  'te',
  'ver',
  'zu',
  'pol',
  'dra',
  'fen',
  'gis',
  'hol',
  'jun',
  'kal',
];
const common =
  'the and is on of to it no we have that not who has from server restore backup mail link relay down'.split(' ');

/** A repeatable stream of numbers in [0, 1). */
export function stream(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One of 4,096 words, the first ones far more often. */
function word(next) {
  if (next() < 0.45) return common[Math.floor(next() * common.length)];
  const rank = Math.floor(next() ** 3 * 4096);
  return parts[rank & 15] + parts[(rank >> 4) & 15] + parts[(rank >> 8) & 15];
}

export function makeText(next, bytes) {
  let text = `srv-${Math.floor(next() * 500)}.corp.example `;
  while (text.length < bytes) text += `${word(next)} `;
  return text.slice(0, bytes);
}
