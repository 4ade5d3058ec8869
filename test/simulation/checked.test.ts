/** Signatures that are remembered: nothing may hold that would not be found to hold. */
import { expect, it } from 'vitest';
import { rememberChecks } from './checked.ts';

const bytes = (...each: readonly number[]) => Uint8Array.from(each);

it('asks again whenever any of signature, message and key is another, and never takes one answer for another', () => {
  const asked: string[] = [];
  const check = rememberChecks((signature, message, key) => {
    asked.push([signature, message, key].join(' '));
    return signature[0] === 1 && message[0] === 2 && key[0] === 3;
  });
  const inputs = [
    [bytes(1), bytes(2), bytes(3), true],
    [bytes(1), bytes(9), bytes(3), false],
    [bytes(1), bytes(2), bytes(9), false],
    [bytes(9), bytes(2), bytes(3), false],
    [bytes(1), bytes(2, 0), bytes(3), true],
  ] as const;
  for (const [signature, message, key, holds] of inputs) {
    expect(check(signature, message, key)).toBe(holds);
    expect(check(signature, message, key)).toBe(holds);
  }
  expect(asked).toHaveLength(inputs.length);
});

it('does not remember bytes that were changed since, nor what could not be answered', () => {
  const message = bytes(2);
  let asked = 0;
  const check = rememberChecks((_, told) => {
    asked += 1;
    if (told[0] === 7) throw new Error('no such key');
    return told[0] === 2;
  });
  expect(check(bytes(1), message, bytes(3))).toBe(true);
  message[0] = 7;
  for (let i = 0; i < 2; i++) expect(() => check(bytes(1), message, bytes(3))).toThrow('no such key');
  expect(asked).toBe(3);
});
