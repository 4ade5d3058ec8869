/**
 * One form for one value, whoever signs: a structure in any other form is refused as malformed, at every depth. Signature
 * checks say yes here, so that what an honest signature would hide shows: the author of a second form can sign it.
 */
import { describe, expect, it, vi } from 'vitest';
import { loadSodium } from '../../src/core/sodium.ts';
import { faultOf } from '../kit/fault.ts';
import { variantsOf } from '../kit/noncanonical.ts';
import { outsides } from '../kit/outside.ts';

vi.mock(import('../../src/core/verify.ts'), async (load) => ({
  ...(await load()),
  passes: () => true,
  verify: () => true,
}));

await loadSodium();
const table = outsides().filter(({ traits }) => !traits.includes('raw'));

it('signatures are not what refuses here', () => {
  const entry = table.find(({ name }) => name === 'entry');
  if (entry === undefined) throw new Error('there are entries');
  // Within the signature: behind the header, in front of salt and body.
  const at = entry.bytes.findIndex(
    (byte, i) => byte === 0x02 && entry.bytes[i + 1] === 0x58 && entry.bytes[i + 2] === 64,
  );
  const altered = entry.bytes.map((byte, i) => (i === at + 10 ? byte ^ 1 : byte));
  expect(faultOf(() => entry.read(altered))).toBe('none');
});

describe.each(table)('$name', ({ name, bytes, read, traits }) => {
  const variants = variantsOf(bytes);

  it('is malformed in every other form of itself and of what it carries', () => {
    expect(faultOf(() => read(bytes))).toBe('none');
    expect(variants.length, name).toBeGreaterThan(10);
    const wrong = new Set(
      variants.flatMap((variant) => {
        const code = faultOf(() => read(variant.bytes));
        // A comparison that stands in front of what lies inside ends it as well.
        const isHash = traits.includes('hashed') && code === 'bad-signature';
        const isOther = traits.includes('compared') && code === 'out-of-place';
        return code === 'malformed' || (variant.isInside && (isHash || isOther))
          ? []
          : [`${variant.kind}${variant.isInside ? ' inside' : ''}: ${code}`];
      }),
    );
    expect([...wrong]).toEqual([]);
  });
});
