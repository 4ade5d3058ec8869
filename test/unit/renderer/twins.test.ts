/**
 * The window may not import the core, so a few things stand in both. Each pair is held together here: one of two that
 * changed alone would show people another size, another limit or another kind of file than the device means.
 */
import { describe, expect, it, test } from 'vitest';
import { isCourierFile } from '../../../renderer/state/courier.ts';
import { tooLarge } from '../../../renderer/state/file.ts';
import { saySize } from '../../../renderer/text/file.ts';
import { maxFileBytes, sizeWords } from '../../../src/core/attachment.ts';
import { CourierWriter } from '../../../src/core/courier.ts';
import { loadSodium } from '../../../src/core/sodium.ts';
import { maxSentBytes } from '../../../src/ipc/limit.ts';

await loadSodium();

describe('a size in words', () => {
  /** Where a unit ends or a digit is rounded, with what stands beside. */
  const edges = [
    0,
    1,
    1_000,
    1_024,
    1_049,
    1_050,
    9_950,
    99_950,
    999_949,
    1_000_000,
    1_049_999,
    9_950_000,
    maxFileBytes,
  ];
  const sizes = [...edges.flatMap((edge) => [edge - 1, edge, edge + 1]), 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 1].filter(
    (size) => size >= 0,
  );

  test('is the same on both sides', () => {
    for (const size of sizes) expect(saySize(size), String(size)).toBe(sizeWords(size));
    for (let size = 1; size < 2 ** 40; size = Math.ceil(size * 1.003)) expect(saySize(size)).toBe(sizeWords(size));
  });
  test('has never more than three digits before its point', () => {
    for (const size of sizes.filter((each) => each < 999_950_000))
      expect(sizeWords(size)).toMatch(/^\d{1,3}(\.\d)? [kM]?B$/);
  });
});

it('a file may have as many bytes on both sides', () => {
  expect(maxSentBytes).toBe(maxFileBytes);
  expect([tooLarge({ size: maxFileBytes }), tooLarge({ size: maxFileBytes + 1 })]).toEqual([false, true]);
});

it('a courier file is known by exactly what the core begins it with', async () => {
  const head = new CourierWriter().begin();
  const isOne = (bytes: Uint8Array) => isCourierFile(new Blob([bytes.slice()]));
  expect(await isOne(head)).toBe(true);
  expect(await isOne(head.slice(0, -1))).toBe(false);
  for (let i = 0; i < head.length; i++) {
    const other = head.slice();
    other[i] = (other[i] ?? 0) ^ 1;
    expect(await isOne(other), `byte ${i}`).toBe(false);
  }
});
