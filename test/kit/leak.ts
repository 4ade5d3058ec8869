/** Looks for key bytes in text, in every form text could hold them. */
import { inspect } from 'node:util';

/** Everything a value shows when it is printed with all its depths. */
export const printed = (value: unknown): string => {
  const seen = new WeakSet<object>();
  const json = JSON.stringify(value, (_key, each: unknown) => {
    if (each instanceof Map || each instanceof Set) return [...each];
    if (typeof each !== 'object' || each === null) return each;
    if (seen.has(each)) return '[again]';
    seen.add(each);
    return each;
  });
  return `${inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null, showHidden: true })}\n${json ?? ''}`;
};

/** Names of the secrets that are somewhere in the text. */
export function findSecrets(text: string, secrets: ReadonlyMap<string, Uint8Array>): readonly string[] {
  const lower = text.toLowerCase();
  // Numbers as inspect and JSON write them: with any spaces, line ends, quotes and indexes taken out.
  const numbers = text.replaceAll(/"\d+":/g, '').replaceAll(/[\s"]/g, '');
  const hexOnly = lower.replaceAll(/\s/g, '');
  return [...secrets].flatMap(([name, bytes]) => {
    const buffer = Buffer.from(bytes);
    const isThere =
      hexOnly.includes(buffer.toString('hex')) ||
      numbers.includes([...bytes].join(',')) ||
      text.includes(buffer.toString('latin1')) ||
      base64Forms(buffer).some((form) => text.includes(form));
    return isThere ? [name] : [];
  });
}

/** What base64 of the bytes contains wherever they begin within its groups of three. */
function base64Forms(buffer: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((shift) => {
    const from = (3 - shift) % 3;
    const size = Math.floor((buffer.length - from) / 3) * 3;
    const whole = buffer.subarray(from, from + size);
    return [whole.toString('base64'), whole.toString('base64url')];
  });
}
