import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderPdf } from '../../../src/evidence/pdf.ts';
import { sampleNames, sampleReport, sampleWords } from '../../kit/report.ts';

const extras = { words: sampleWords, digest: 'ab'.repeat(32) };
const pagesOf = (pdf: Uint8Array): number =>
  Buffer.from(pdf)
    .toString('latin1')
    .match(/\/Type \/Page\n/g)?.length ?? 0;

describe('report.pdf', () => {
  it('is the same bytes for the same report, and other bytes for another', async () => {
    const pdf = await renderPdf(sampleReport(), extras);
    expect(Buffer.compare(pdf, await renderPdf(sampleReport(), extras))).toBe(0);
    expect(Buffer.compare(pdf, await renderPdf(sampleReport(), { ...extras, digest: 'cd'.repeat(32) }))).not.toBe(0);
    expect(Buffer.compare(pdf, await renderPdf(sampleReport({ calm: true }), extras))).not.toBe(0);
  });

  it('takes its date from the drill and is not compressed, so that every build draws the same', async () => {
    const text = Buffer.from(await renderPdf(sampleReport(), extras)).toString('latin1');
    expect(text).toContain('(D:20261117091900Z)');
    expect(text).not.toContain('/FlateDecode');
  });

  it('grows with the people in it and stays a booklet', async () => {
    const small = pagesOf(await renderPdf(sampleReport(), extras));
    const large = sampleReport({ participants: 250 });
    const many = pagesOf(await renderPdf(large, { ...extras, names: sampleNames(large) }));
    expect(small).toBeGreaterThanOrEqual(4);
    expect(small).toBeLessThanOrEqual(9);
    expect(many).toBeGreaterThan(small);
    expect(many).toBeLessThanOrEqual(30);
  });

  it('is drawn for a drill with nobody in it, and one where nobody answered', async () => {
    const empty = sampleReport({ participants: 0 });
    expect(pagesOf(await renderPdf(empty, extras))).toBeGreaterThan(1);
    const silent = {
      ...sampleReport(),
      byRole: [],
      relays: [],
      objectives: [],
      findings: [],
      events: [],
      clauses: [],
      limits: [],
      notExercised: [],
    };
    expect(pagesOf(await renderPdf(silent, extras))).toBeGreaterThan(1);
  });

  it('draws any text without falling over', async () => {
    const any = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('', 'א ב', 'مرحبا', '中文', '👩‍👩‍👧', '\u202egnp.exe', 'x'.repeat(4000)),
    );
    await fc.assert(
      fc.asyncProperty(any, any, any, async (title, role, text) => {
        const report = sampleReport({ participants: 3 });
        const odd = {
          ...report,
          drill: { ...report.drill, title: title.slice(0, 200), scenario: text },
          participants: report.participants.map((each) => ({
            ...each,
            role: role.slice(0, 200),
            unit: text.slice(0, 200),
          })),
          findings: report.findings.map((each) => ({ ...each, text, advice: title.repeat(2) })),
        };
        expect((await renderPdf(odd, extras)).length).toBeGreaterThan(1000);
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
