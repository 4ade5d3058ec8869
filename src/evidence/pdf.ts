/**
 * report.pdf: the after-action report on paper, drawn from the report alone. The same arguments give the same
 * bytes, so a verifier draws it again instead of believing it (sheet.ts says what that takes).
 *
 * Never carries a name unless the caller brings names, and never the word "compliant".
 */
import type { Report } from '../core/report.ts';
import type { Bytes } from '../wire/bytes.ts';
import { drawClauses, drawFindings, drawLimits, drawObjectives, drawScenario } from './chapters.ts';
import { drawParticipants, drawRelays, drawResponse, drawTimeline } from './course.ts';
import { drawCover, exerciseMark } from './cover.ts';
import { clean, contentWidth, ink, paper, Sheet } from './sheet.ts';
import { evidenceNamespace } from './sshsig.ts';
import type { Names } from './tables.ts';

export interface PdfExtras {
  /** The organisation's fingerprint in words, as they are read aloud. */
  readonly words: readonly string[];
  /** SHA-256 of the bytes of report.json, in hex. */
  readonly digest: string;
  /** Only for a copy that stays inside: a pack's PDF has refs alone, so that names can be withheld. */
  readonly names?: Names;
}

export function renderPdf(report: Report, extras: PdfExtras): Promise<Bytes> {
  const sheet = new Sheet({
    title: clean(`${report.drill.title} (exercise)`),
    author: clean(report.organisation.name),
    createdAtMs: report.drill.startedAtMs + report.drill.closedAfterMs,
  });
  sheet.newPage();
  sheet.doc.outline.addItem('Overview');
  drawCover(sheet, report, extras.words);
  drawObjectives(sheet, report);
  drawScenario(sheet, report);
  drawFindings(sheet, report);
  drawResponse(sheet, report);
  drawRelays(sheet, report);
  drawParticipants(sheet, report, extras.names);
  drawLimits(sheet, report);
  drawClauses(sheet, report);
  drawTimeline(sheet, report);
  drawIntegrity(sheet, report, extras.digest);
  drawMargins(sheet, report);
  return sheet.finish();
}

function drawIntegrity(sheet: Sheet, report: Report, digest: string): void {
  sheet.heading('Integrity, and how to check it', 260);
  const rows: readonly (readonly [string, string])[] = [
    ['SHA-256 of report.json', digest],
    ['Report', report.id],
    ['Organisation', report.organisation.fingerprint],
    ['Drill', report.drill.id],
    ['Muster list', report.list.id],
    ['Signed entries', `${report.evidence.entries}`],
    ['Last entry', report.evidence.closedBy],
  ];
  for (const [name, value] of rows) {
    sheet.need(15);
    sheet.textAt(name, sheet.y, { size: 8.5, color: ink.muted, width: 116 });
    sheet.lineAt(clean(value), sheet.y + 0.5, {
      font: 'mono',
      size: 7.5,
      x: paper.left + 120,
      width: contentWidth - 124,
    });
    sheet.y += 14;
  }
  const { crypto } = report;
  sheet.paragraph(
    clean(
      `Suite ${crypto.suite}: signatures ${crypto.signature}; key agreement ${crypto.keyAgreement}; cipher ${crypto.cipher}.`,
    ),
    { size: 8.5, color: ink.muted },
  );
  sheet.y += 8;
  const steps: readonly (readonly [string, string])[] = [
    [
      '1. Who signed',
      `ssh-keygen -Y verify -f allowed_signers -I PRINCIPAL -n ${evidenceNamespace} \\\n  -s SHA256SUMS.sig < SHA256SUMS`,
    ],
    ['2. Nothing was changed', 'sha256sum --strict -c SHA256SUMS'],
    ['3. Everything follows from the signed entries', 'npx muster verify PACK --org FINGERPRINT'],
  ];
  for (const [what, command] of steps) {
    const style = { font: 'mono' as const, size: 8, x: paper.left + 10, width: contentWidth - 20 };
    const height = sheet.heightOf(command, style) + 12;
    sheet.need(height + 26);
    sheet.y += sheet.textAt(what, sheet.y, { font: 'bold', size: 9 }) + 3;
    sheet.box(paper.left, sheet.y, contentWidth, height, ink.panel, 3);
    sheet.textAt(command, sheet.y + 6, style);
    sheet.y += height + 9;
  }
  const last =
    'VERIFY.md in the pack says what each step proves and what it does not. Take the fingerprint from the printed plan or a letter, never from the pack itself.';
  sheet.paragraph(last, { size: 8.5, color: ink.muted });
}

/** Head and foot of every page, drawn last because only then is the number of pages known. */
function drawMargins(sheet: Sheet, report: Report): void {
  const { count } = sheet.doc.bufferedPageRange();
  const small = { size: 7.5, color: ink.muted };
  for (let index = 0; index < count; index++) {
    sheet.doc.switchToPage(index);
    if (index > 0) {
      sheet.lineAt(clean(report.drill.title), 37, { ...small, width: contentWidth - 110 });
      exerciseMark(sheet, paper.right, 33, 8);
      sheet.rule(54);
    }
    sheet.rule(800);
    sheet.lineAt(clean(report.organisation.name), 807, { ...small, width: 210 });
    sheet.textAt('EXERCISE', 807, { ...small, font: 'bold', spacing: 1, align: 'center' });
    sheet.textAt(`page ${index + 1} of ${count}`, 807, { ...small, x: paper.right - 100, width: 100, align: 'right' });
  }
}
