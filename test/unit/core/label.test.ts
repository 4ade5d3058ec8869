import { expect, it } from 'vitest';
import { domain, hashLabels, keyLabels, signLabels, topicLabels } from '../../../src/core/label.ts';
import { hex, utf8 } from '../../../src/wire/bytes.ts';

const uses = [
  ...hashLabels.map((label) => ['hash', label] as const),
  ...[...keyLabels, ...topicLabels].map((label) => ['key', label] as const),
  ...signLabels.map((label) => ['sign', label] as const),
];

it('no two uses share a domain, and none is the beginning of another', () => {
  const domains = uses.map(([space, label]) => hex(domain(space, label)));
  expect(domains.length).toBeGreaterThan(30);
  expect(new Set(domains).size).toBe(domains.length);
  for (const a of domains) expect(domains.filter((b) => b.startsWith(a))).toEqual([a]);
});

it('one list of parts has one form: parts cannot be split, joined or moved', () => {
  const forms = [['ab', 'c'], ['a', 'bc'], ['abc'], ['ab', 'c', ''], ['', 'ab', 'c'], ['c', 'ab']].map((parts) =>
    hex(domain('hash', 'entry', ...parts.map(utf8))),
  );
  expect(new Set(forms).size).toBe(forms.length);
});

it('is laid out as the specification says', () => {
  expect(hex(domain('sign', 'entry', utf8('ab')))).toBe(
    `${Buffer.from('muster/1/sign/entry').toString('hex')}00000000026162`,
  );
});
