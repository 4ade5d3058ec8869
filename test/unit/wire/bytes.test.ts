import { expect, it } from 'vitest';
import { fromHex, hex } from '../../../src/wire/bytes.ts';
import { PeerFault } from '../../../src/wire/fault.ts';

it('hexadecimal comes back as the bytes it was made of', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(fromHex(hex(all))).toEqual(all);
  expect(fromHex('')).toEqual(new Uint8Array());
});

it('anything but whole bytes in lower case is refused, wherever it stands', () => {
  // The neighbours of the digits, letters above f, capitals, and characters whose low byte looks like a digit.
  for (const wrong of ['/', ':', '`', 'g', 'A', 'F', ' ', '-', '+', 'x', '\0', '\u0130', '\u0661', '０']) {
    for (const text of [`${wrong}0`, `0${wrong}`, `00${wrong}000`, `0000${wrong}0`])
      expect(() => fromHex(text), JSON.stringify(text)).toThrow(PeerFault);
  }
  for (const odd of ['0', '000', 'f00']) expect(() => fromHex(odd)).toThrow(PeerFault);
});
