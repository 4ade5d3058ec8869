/**
 * Page one: what was drilled, how it went, and the words to compare with paper. Everything a reader needs who
 * turns no page.
 */
import type { Report } from '../core/report.ts';
import { outcomeColor, outcomeWord, resultColor, resultWord, sayMs, sayPercent, sayTime, summary } from './say.ts';
import { clean, contentWidth, cut, ink, paper, type Sheet } from './sheet.ts';

export function exerciseMark(sheet: Sheet, right: number, y: number, size: number): void {
  const text = 'EXERCISE';
  const style = { font: 'bold' as const, size, spacing: size / 8, color: '#3a2a00' };
  const width = sheet.widthOf(text, style) + size * 1.4;
  sheet.box(right - width, y, width, size * 1.9, ink.exercise, size * 0.35);
  sheet.textAt(text, y + size * 0.36, { ...style, x: right - width + size * 0.7, width: width + 10 });
}

export function drawCover(sheet: Sheet, report: Report, words: readonly string[]): void {
  banner(sheet, report);
  facts(sheet, report);
  sheet.y += sheet.textAt(clean(summary(report)), sheet.y, { size: 10, lineGap: 3 }) + 14;
  tiles(sheet, report);
  outcomes(sheet, report);
  times(sheet, report);
  fingerprint(sheet, report, words);
}

function banner(sheet: Sheet, report: Report): void {
  const title = cut(clean(report.drill.title), 140);
  const organisation = cut(clean(report.organisation.name), 140);
  const titleStyle = { font: 'bold' as const, size: 21, color: ink.white, lineGap: 1 };
  const nameStyle = { size: 11, color: ink.deepSoft };
  const height = 66 + sheet.heightOf(title, titleStyle) + 8 + sheet.heightOf(organisation, nameStyle) + 22;
  sheet.doc.rect(0, 0, paper.width, height).fill(ink.deep);
  sheet.doc.rect(0, height, paper.width, 5).fill(ink.exercise);
  sheet.textAt('AFTER-ACTION REPORT', 38, { font: 'bold', size: 8.5, spacing: 1.6, color: ink.deepSoft });
  exerciseMark(sheet, paper.right, 31, 13);
  const below = 66 + sheet.textAt(title, 66, titleStyle) + 8;
  sheet.textAt(organisation, below, nameStyle);
  sheet.y = height + 22;
}

function facts(sheet: Sheet, report: Report): void {
  const { drill, list } = report;
  const top = sheet.y;
  const boxWidth = 190;
  sheet.box(paper.left, top, boxWidth, 76, ink.panel);
  sheet.doc.rect(paper.left, top, 5, 76).fill(resultColor[report.result]);
  sheet.textAt('RESULT', top + 12, { font: 'bold', size: 7.5, spacing: 1, color: ink.muted, x: paper.left + 18 });
  sheet.textAt(resultWord[report.result], top + 27, {
    font: 'bold',
    size: 14.5,
    color: resultColor[report.result],
    x: paper.left + 18,
    width: boxWidth - 22,
  });
  const met = report.objectives.filter((objective) => objective.met).length;
  sheet.textAt(`${met} of ${report.objectives.length} objectives met`, top + 55, {
    size: 8.5,
    color: ink.muted,
    x: paper.left + 18,
  });

  const rows: readonly (readonly [string, string])[] = [
    ['Started', sayTime(drill.startedAtMs)],
    ['Closed', `after ${sayMs(drill.closedAfterMs)}`],
    ['Kind', `reach drill no. ${drill.sequence}, ${drill.trigger}, ${drill.announced ? 'announced' : 'unannounced'}`],
    ['Director', drill.director],
    [
      'Muster list',
      `version ${list.version}, signed by ${list.signedBy.length} of ${list.custodians} custodians (${list.threshold} needed)`,
    ],
  ];
  const x = paper.left + boxWidth + 22;
  rows.forEach(([name, value], index) => {
    const y = top + 3 + index * 15;
    sheet.textAt(name, y, { size: 8.5, color: ink.muted, x, width: 70 });
    sheet.lineAt(clean(value), y, { size: 8.5, x: x + 72, width: paper.right - x - 76 });
  });
  sheet.y = top + 92;
}

function tiles(sheet: Sheet, { figures }: Report): void {
  const all = [
    { value: figures.members, name: 'on the list', color: ink.deep },
    { value: figures.reached, name: 'reached', color: ink.deep },
    { value: figures.inTime, name: 'in time', color: outcomeColor['in-time'] },
    { value: figures.late, name: 'late', color: outcomeColor.late },
    { value: figures.silent, name: 'silent', color: outcomeColor.silent },
    { value: figures.unreachable, name: 'unreachable', color: outcomeColor.unreachable },
  ];
  const gap = 9;
  const width = (contentWidth - gap * (all.length - 1)) / all.length;
  all.forEach(({ value, name, color }, index) => {
    const x = paper.left + index * (width + gap);
    sheet.box(x, sheet.y, width, 62, ink.panel);
    sheet.textAt(`${value}`, sheet.y + 9, {
      font: 'bold',
      size: value > 9999 ? 17 : 24,
      color,
      x,
      width,
      align: 'center',
    });
    sheet.textAt(name, sheet.y + 42, { size: 8.5, color: ink.muted, x, width, align: 'center' });
  });
  sheet.y += 72;
}

/** One bar of all members, so that the shares can be seen and not only counted. */
function outcomes(sheet: Sheet, { figures }: Report): void {
  const parts = [
    { outcome: 'in-time', count: figures.inTime },
    { outcome: 'late', count: figures.late },
    { outcome: 'silent', count: figures.silent },
    { outcome: 'unreachable', count: figures.unreachable },
  ] as const;
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  let x: number = paper.left;
  for (const { outcome, count } of total === 0 ? [] : parts) {
    const width = (contentWidth * count) / total;
    sheet.doc.rect(x, sheet.y, width, 16).fill(outcomeColor[outcome]);
    if (width > 34) {
      const share = sayPercent(count, total);
      sheet.textAt(share, sheet.y + 3.5, { font: 'bold', size: 8, color: ink.white, x, width, align: 'center' });
    }
    x += width;
  }
  sheet.y += 22;
  x = paper.left;
  for (const { outcome, count } of parts) {
    const text = `${outcomeWord[outcome]} ${count}`;
    sheet.box(x, sheet.y + 2, 7, 7, outcomeColor[outcome], 1.5);
    sheet.textAt(text, sheet.y, { size: 8, color: ink.muted, x: x + 11 });
    x += sheet.widthOf(text, { size: 8 }) + 28;
  }
  sheet.y += 24;
}

function times(sheet: Sheet, { figures }: Report): void {
  const all = [
    ['first answer', figures.firstMs],
    ['median', figures.medianMs],
    ['90th percentile', figures.p90Ms],
    ['95th percentile', figures.p95Ms],
    ['last answer', figures.maxMs],
    ['deputy, after call', figures.deputyMs],
  ] as const;
  const width = contentWidth / all.length;
  sheet.rule(sheet.y);
  all.forEach(([name, value], index) => {
    const x = paper.left + index * width;
    sheet.textAt(sayMs(value), sheet.y + 9, { font: 'bold', size: 12, color: ink.deep, x, width: width - 4 });
    sheet.textAt(name, sheet.y + 27, { size: 8, color: ink.muted, x, width: width - 2 });
  });
  sheet.y += 47;
  sheet.rule(sheet.y);
  sheet.y += 16;
}

function fingerprint(sheet: Sheet, report: Report, words: readonly string[]): void {
  const columns = 6;
  const rows = Math.ceil(words.length / columns);
  const height = 58 + rows * 15;
  sheet.need(height);
  const top = sheet.y;
  sheet.doc.roundedRect(paper.left, top, contentWidth, height, 4).lineWidth(0.8).strokeColor(ink.line).stroke();
  const inside = { x: paper.left + 14, width: contentWidth - 28 };
  sheet.textAt('FINGERPRINT OF THE ORGANISATION', top + 11, {
    font: 'bold',
    size: 7.5,
    spacing: 1,
    color: ink.deep,
    ...inside,
  });
  const why =
    'Compare it with the printed plan or the letter you were given. If it differs, this report is somebody else’s.';
  sheet.textAt(why, top + 24, { size: 8, color: ink.muted, ...inside });
  const step = inside.width / columns;
  words.forEach((word, index) => {
    const x = inside.x + (index % columns) * step;
    const y = top + 40 + Math.floor(index / columns) * 15;
    sheet.textAt(`${index + 1}`, y + 1, { size: 6.5, color: ink.faint, x, width: 12, align: 'right' });
    sheet.textAt(clean(word), y, { font: 'bold', size: 9, x: x + 16, width: step - 16 });
  });
  sheet.textAt(report.organisation.fingerprint, top + height - 17, {
    font: 'mono',
    size: 7,
    color: ink.muted,
    ...inside,
  });
  sheet.y = top + height + 10;
}
