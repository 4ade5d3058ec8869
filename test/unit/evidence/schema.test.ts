import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { clauseTable } from '../../../src/core/clauses.ts';
import type { Report } from '../../../src/core/report.ts';
import { encodeReport, readReportJson, reportJsonSchema, type ShapeIsReport } from '../../../src/evidence/schema.ts';
import { fromUtf8, utf8 } from '../../../src/wire/bytes.ts';
import { sampleReport } from '../../kit/report.ts';

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(reportJsonSchema);
const report = sampleReport();
const bytes = encodeReport(report);
const pretty = (value: unknown): Uint8Array => utf8(`${JSON.stringify(value, null, 2)}\n`);

type Path = readonly (string | number)[];
/** Every place in a value where a property of an object stands. */
function places(value: unknown, under: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, each]) => {
    const path = [...under, isList ? Number(key) : key];
    return isList ? places(each, path) : [path, ...places(each, path)];
  });
}
/** A copy with whatever `change` does to the object that holds the last step of `path`. */
function edited(path: Path, change: (holder: Record<string, unknown>, key: string) => void): unknown {
  const copy: unknown = JSON.parse(fromUtf8(bytes));
  let holder = copy;
  for (const step of path.slice(0, -1)) holder = (holder as Record<string, unknown>)[step];
  change(holder as Record<string, unknown>, String(path.at(-1)));
  return copy;
}
/** One place for each kind: `participants.3.role` and `participants.4.role` are the same kind. */
const kinds = new Map(
  places(JSON.parse(fromUtf8(bytes))).map((path) => [path.filter((step) => typeof step === 'string').join('.'), path]),
);
const optional = new Set([
  ...['participants.reachedAfterMs', 'participants.standIn', 'participants.readiness'],
  ...['relays.lostAfterMs', 'relays.answersAfterLoss', 'relays.switchMs', 'byRole.medianMs'],
  ...['figures.firstMs', 'figures.medianMs', 'figures.p90Ms', 'figures.p95Ms', 'figures.maxMs', 'figures.deputyMs'],
]);
/** Optional, but only both or neither. */
const together = new Set(['participants.answer', 'participants.answeredAfterMs']);

describe('the shape', () => {
  it('is the type', () => {
    const held: ShapeIsReport = true;
    expect(held).toBe(true);
  });

  it('is strict everywhere: no object of the schema lets unknown properties in', () => {
    const open: string[] = [];
    const walk = (node: unknown, at: string): void => {
      if (typeof node !== 'object' || node === null) return;
      if (
        'type' in node &&
        node.type === 'object' &&
        (!('additionalProperties' in node) || node.additionalProperties !== false)
      )
        open.push(at);
      for (const [key, each] of Object.entries(node)) walk(each, `${at}/${key}`);
    };
    walk(reportJsonSchema, '');
    expect(open).toEqual([]);
  });

  it('and the fixture have the same properties', () => {
    const declared = new Set<string>();
    const walk = (node: unknown, at: string): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('properties' in node && typeof node.properties === 'object' && node.properties !== null) {
        for (const [key, each] of Object.entries(node.properties)) {
          const path = at === '' ? key : `${at}.${key}`;
          declared.add(path);
          walk(each, path);
        }
      }
      if ('items' in node) walk(node.items, at);
    };
    walk(reportJsonSchema, '');
    expect([...declared].sort()).toEqual([...kinds.keys()].sort());
  });
});

describe('report.json', () => {
  it('comes back as it was, and Ajv agrees', () => {
    expect(readReportJson(bytes)).toEqual(report);
    expect(validate(JSON.parse(fromUtf8(bytes)))).toBe(true);
  });

  it('has one order of fields, however the report was built', () => {
    const backwards = Object.fromEntries(Object.entries(report).reverse()) as unknown as Report;
    expect(encodeReport(backwards)).toEqual(bytes);
  });

  it.each([...kinds])('is refused without %s, with something beside it, and with nothing in it', (kind, path) => {
    const without = edited(path, (holder, key) => delete holder[key]);
    if (!optional.has(kind)) expect(() => readReportJson(pretty(without))).toThrow(/schema/);
    if (!optional.has(kind) && !together.has(kind)) expect(validate(without)).toBe(false);
    for (const other of [
      edited(path, (holder) => Object.assign(holder, { unknown: 1 })),
      edited(path, (holder, key) => Object.assign(holder, { [key]: null })),
    ]) {
      expect(() => readReportJson(pretty(other))).toThrow(/schema/);
      expect(validate(other)).toBe(false);
    }
  });

  const text = fromUtf8(bytes);
  it.each([
    ['other spacing', JSON.stringify(report)],
    ['another order', `${JSON.stringify(Object.fromEntries(Object.entries(report).reverse()), null, 2)}\n`],
    ['a key twice', text.replace('"status": "final",', '"status": "final",\n  "status": "final",')],
    ['another number form', text.replace('"sequence": 4', '"sequence": 4.0')],
    ['half a character', text.replace('Autumn', '\\ud800')],
    ['an escape where none is needed', text.replace('Autumn', '\\u0041utumn')],
    ['a prototype', text.replace('"status": "final",', '"status": "final",\n  "__proto__": {},')],
    ['a fraction', text.replace('"sequence": 4', '"sequence": 4.5')],
    ['no last line feed', text.trimEnd()],
    ['a byte order mark', `\ufeff${text}`],
    ['a participant twice', text.replace('"ref": "P02"', '"ref": "P01"')],
    ['a claim of compliance', text.replace('"claim": "supports"', '"claim": "fulfils"')],
    ['no JSON', 'report'],
    ['nothing', ''],
  ])('is refused with %s', (_, given) => {
    expect(given).not.toBe(text);
    expect(() => readReportJson(utf8(given))).toThrow();
  });

  it('is refused when it is not text', () => {
    expect(() => readReportJson(new Uint8Array([0xff, 0xfe]))).toThrow(/UTF-8/);
  });

  it('is never written unless it fits', () => {
    expect(() => encodeReport({ ...report, organisation: { name: 'x', fingerprint: 'short' } })).toThrow(
      /organisation.fingerprint/,
    );
  });
});

describe('the clause table', () => {
  it('names fields that report.json has', () => {
    for (const { clause, fields } of clauseTable)
      for (const field of fields) expect(kinds.has(field), `${clause}: ${field}`).toBe(true);
  });

  it('names no clause twice and claims support alone', () => {
    expect(new Set(clauseTable.map((each) => each.clause)).size).toBe(clauseTable.length);
    expect(new Set(clauseTable.map((each) => each.claim))).toEqual(new Set(['supports']));
  });
});
