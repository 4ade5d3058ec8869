import { expect, test } from 'vitest';
import { hostOf, Tally } from '../../../server/address.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:2::', '2001:db8:1:2::/64'],
  ['2001:db8::5', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['not an address', undefined],
  [undefined, undefined],
])('%s counts as %s', (address, host) => expect(hostOf(address)).toBe(host));

test('one host cannot pass for many by the lower half of its address', () => {
  const hosts = Array.from({ length: 50 }, (_, i) => hostOf(`2001:db8:1:2:${i}::${i}`));
  expect(new Set(hosts).size).toBe(1);
});

test('a tally keeps nothing of who is gone, and does not count the nameless', () => {
  const tally = new Tally();
  tally.add('a', 1);
  tally.add('a', 1);
  tally.add(undefined, 1);
  expect([tally.of('a'), tally.of(undefined)]).toEqual([2, 0]);
  tally.add('a', -1);
  tally.add('a', -1);
  expect(tally.of('a')).toBe(0);
});
