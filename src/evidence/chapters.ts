/** What was aimed at, what came of it and what was left out: one function a chapter, drawn from the report alone. */
import type { Report, ReportFinding } from '../core/report.ts';
import { drawGrid } from './grid.ts';
import { ratingWord, sayMs, sayRefs, sayTime, severityColor } from './say.ts';
import { clean, contentWidth, cut, ink, paper, type Sheet } from './sheet.ts';

export function drawObjectives(sheet: Sheet, report: Report): void {
  sheet.heading('Objectives against targets', 70);
  const columns = [
    { title: 'No.', share: 5, font: 'bold' as const },
    { title: 'Objective', share: 36 },
    { title: 'Target, fixed before', share: 19 },
    { title: 'Reached', share: 19 },
    { title: 'Met', share: 8 },
    { title: 'Rating', share: 19 },
  ];
  const met = (yes: boolean) =>
    yes
      ? { text: '✔ yes', color: ink.good, font: 'bold' as const }
      : { text: '✘ no', color: ink.bad, font: 'bold' as const };
  drawGrid(
    sheet,
    columns,
    report.objectives.map((each) => [
      each.id,
      each.text,
      each.target,
      each.actual,
      met(each.met),
      `${each.rating}: ${ratingWord[each.rating]}`,
    ]),
  );
}

export function drawScenario(sheet: Sheet, { drill }: Report): void {
  sheet.heading('Scenario', 70);
  sheet.paragraph(cut(clean(drill.scenario), 2500), { lineGap: 2.5 });
  for (const inject of drill.injects)
    sheet.paragraph(`•  ${cut(clean(inject), 1000)}`, { x: paper.left + 8, width: contentWidth - 8 });
  const window = `Any moment from ${sayTime(drill.windowFromMs)} to ${sayTime(drill.windowToMs)} could have been the start; it was ${sayTime(drill.startedAtMs)}. The room was opened after ${sayMs(drill.openedAfterMs)}.`;
  sheet.paragraph(window, { size: 8.5, color: ink.muted });
}

export function drawFindings(sheet: Sheet, report: Report): void {
  sheet.heading('Findings and advice', 110);
  if (report.findings.length === 0) sheet.paragraph('None.');
  for (const each of report.findings) drawFinding(sheet, each);
}

function drawFinding(sheet: Sheet, finding: ReportFinding): void {
  const color = finding.kind === 'strength' ? ink.good : severityColor[finding.severity];
  const inside = { x: paper.left + 16, width: contentWidth - 30 };
  const head = `${finding.id}   ${finding.kind === 'strength' ? 'Strength' : `Weakness, ${finding.severity}`}`;
  const body = { size: 9.5, lineGap: 2, ...inside };
  const small = { size: 8.5, lineGap: 2, ...inside };
  const text = cut(clean(finding.text), 1500);
  const about = finding.about.length === 0 ? '' : `About: ${clean(sayRefs(finding.about))}`;
  const advice = `→  ${cut(clean(finding.advice), 1500)}`;
  const height =
    26 +
    sheet.heightOf(text, body) +
    3 +
    (about === '' ? 0 : sheet.heightOf(about, small) + 3) +
    sheet.heightOf(advice, body) +
    10;
  sheet.need(height + 8);
  const top = sheet.y;
  sheet.box(paper.left, top, contentWidth, height, ink.panel, 3);
  sheet.doc.rect(paper.left, top, 4, height).fill(color);
  sheet.textAt(head, top + 9, { font: 'bold', size: 8.5, color, ...inside });
  sheet.lineAt(clean(finding.code), top + 9, {
    font: 'mono',
    size: 7.5,
    color: ink.faint,
    x: paper.right - 170,
    width: 158,
    align: 'right',
  });
  let y = top + 24;
  y += sheet.textAt(text, y, body) + 3;
  if (about !== '') y += sheet.textAt(about, y, { ...small, color: ink.muted }) + 3;
  sheet.textAt(advice, y, { ...body, color: ink.deep });
  sheet.y = top + height + 8;
}

export function drawLimits(sheet: Sheet, report: Report): void {
  sheet.heading('Limits, and what was not exercised');
  for (const limit of report.limits)
    sheet.paragraph(`•  ${cut(clean(limit), 1000)}`, { x: paper.left + 8, width: contentWidth - 8, lineGap: 2 });
  sheet.y += 4;
  if (report.notExercised.length === 0) return;
  const rows = report.notExercised.map((each) => [each.item, each.reason]);
  drawGrid(
    sheet,
    [
      { title: 'Not exercised', share: 45 },
      { title: 'Reason', share: 55 },
    ],
    rows,
  );
}

export function drawClauses(sheet: Sheet, report: Report): void {
  sheet.heading('Clauses this report supports evidence for', 120);
  const note =
    'The fields named give evidence that an assessment of the clause can use. Whether a clause is fulfilled is decided by the competent authority, not by this report.';
  sheet.paragraph(note, { size: 8.5, color: ink.muted });
  const rows = report.clauses.map((each) => [each.clause, each.fields.join(', ')]);
  drawGrid(
    sheet,
    [
      { title: 'Supports evidence for', share: 42 },
      { title: 'By these fields of report.json', share: 58 },
    ],
    rows,
  );
}
