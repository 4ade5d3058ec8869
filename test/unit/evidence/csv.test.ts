import fc from 'fast-check';
import papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { bareCell, encodeCsv, guardCell, readCsv } from '../../../src/evidence/csv.ts';
import { fromUtf8, utf8 } from '../../../src/wire/bytes.ts';

describe('tables', () => {
  it.each(['=1+1', '+49 30 1234', '-2', '@cmd', '\t=1', '\r=1', '  =HYPERLINK("x")', '＝1', "'quoted", "'=1"])(
    '%j gets an apostrophe and loses it again',
    (cell) => {
      expect(guardCell(cell)).toBe(`'${cell}`);
      expect(bareCell(guardCell(cell))).toBe(cell);
    },
  );

  it('leaves numbers and plain texts alone', () => {
    expect(
      fromUtf8(
        encodeCsv(
          ['a', 'b'],
          [
            [-3, 'Größenau, "Süd"'],
            [undefined, 'x'],
          ],
        ),
      ),
    ).toBe('a,b\r\n-3,"Größenau, ""Süd"""\r\n,x\r\n');
  });

  it('gives every text back, and no cell starts a formula', () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('=1', "'", "''=", '\r\n', '"', ',', '+', '-', '@x', ' =2'));
    const row = fc.tuple(cell, cell).filter(([a, b]) => a !== '' || b !== '');
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const bytes = encodeCsv(['a', 'b'], rows);
        expect(readCsv(['a', 'b'], bytes)).toEqual(rows);
        for (const raw of papa.parse<string[]>(fromUtf8(bytes), { newline: '\r\n' }).data.flat())
          expect(raw).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });

  it.each(['a,b\nx,y\n', 'a,b\r\nx,y', 'a,b\r\n"x",y\r\n', 'a,c\r\nx,y\r\n', 'a,b\r\nx\r\n=1,y\r\n', ''])(
    'refuses %j',
    (text) => {
      expect(() => readCsv(['a', 'b'], utf8(text))).toThrow(/one form/);
    },
  );
});
