/**
 * When each answer came, against the target. Up to forty people get a bar each, sorted; beyond that the page shows
 * how many answered in each stretch of time, because two hundred bars are a wall.
 */
import type { Report, ReportParticipant } from '../core/report.ts';
import { outcomeColor, outcomeWord, sayMs } from './say.ts';
import { contentWidth, ink, paper, type Sheet } from './sheet.ts';

const mostBars = 40;
const barHeight = 13;
const binsHeight = 150;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400].map(
  (seconds) => seconds * 1000,
);

/** What the picture needs, so that its heading stays with it. */
export const timesHeight = ({ participants }: Report): number =>
  participants.length <= mostBars ? participants.length * barHeight + 46 : binsHeight + 60;

/** A round step that cuts the time into at most ten. */
const stepOf = (endMs: number): number => steps.find((step) => endMs / step <= 10) ?? Math.ceil(endMs / 10);

export function drawTimes(sheet: Sheet, report: Report): void {
  const answered = report.participants.filter((each) => each.answeredAfterMs !== undefined);
  const last = Math.max(
    ...report.participants.map((each) => each.standIn?.answeredAfterMs ?? each.answeredAfterMs ?? 0),
    report.targets.answerWithinMs,
    1000,
  );
  const step = stepOf(last * 1.04);
  const endMs = Math.ceil((last * 1.04) / step) * step;
  if (report.participants.length <= mostBars) drawBars(sheet, report, endMs, step);
  else drawBins(sheet, answered, report.targets.answerWithinMs, endMs, step);
}

function axis(sheet: Sheet, x: number, width: number, top: number, bottom: number, endMs: number, step: number): void {
  for (let at = 0; at <= endMs; at += step) {
    const place = x + (width * at) / endMs;
    sheet.doc.moveTo(place, top).lineTo(place, bottom).lineWidth(0.4).strokeColor(ink.line).stroke();
    sheet.textAt(at === 0 ? '0' : sayMs(at), bottom + 3, {
      size: 7,
      color: ink.muted,
      x: place - 30,
      width: 60,
      align: 'center',
    });
  }
}

function targetLine(sheet: Sheet, place: number, top: number, bottom: number, text: string): void {
  sheet.doc
    .moveTo(place, top - 3)
    .lineTo(place, bottom)
    .lineWidth(1.2)
    .dash(3, { space: 2 })
    .strokeColor(ink.deep)
    .stroke()
    .undash();
  sheet.textAt(text, top - 13, {
    font: 'bold',
    size: 7.5,
    color: ink.deep,
    x: place - 70,
    width: 140,
    align: 'center',
  });
}

/** Earliest first, then those who never answered, in the order of the list. */
const byAnswer = (a: ReportParticipant, b: ReportParticipant): number =>
  (a.answeredAfterMs ?? Number.MAX_SAFE_INTEGER) - (b.answeredAfterMs ?? Number.MAX_SAFE_INTEGER);

function drawBars(sheet: Sheet, report: Report, endMs: number, step: number): void {
  const labelWidth = 34;
  const people = [...report.participants].sort(byAnswer);
  const height = people.length * barHeight;
  sheet.need(height + 46);
  const top = sheet.y + 16;
  const x = paper.left + labelWidth;
  const width = contentWidth - labelWidth - 74;
  const at = (ms: number): number => x + (width * Math.max(0, Math.min(ms, endMs))) / endMs;
  axis(sheet, x, width, top, top + height, endMs, step);
  people.forEach((each, index) => {
    const y = top + index * barHeight;
    sheet.textAt(each.ref, y + 1.5, { font: 'bold', size: 7.5, width: labelWidth - 6 });
    const color = outcomeColor[each.outcome];
    if (each.answeredAfterMs !== undefined) {
      sheet.doc.rect(x, y + 2, Math.max(1, at(each.answeredAfterMs) - x), barHeight - 4).fill(color);
      sheet.textAt(sayMs(each.answeredAfterMs), y + 2, {
        size: 7,
        color: ink.muted,
        x: at(each.answeredAfterMs) + 4,
        width: 70,
      });
      return;
    }
    const standIn =
      each.standIn === undefined ? '' : `; ${each.standIn.ref} stepped in after ${sayMs(each.standIn.answeredAfterMs)}`;
    sheet.textAt(`${outcomeWord[each.outcome]}${standIn}`, y + 2, {
      font: 'bold',
      size: 7,
      color,
      x: x + 4,
      width: width + 60,
    });
  });
  targetLine(
    sheet,
    at(report.targets.answerWithinMs),
    top,
    top + height,
    `target ${sayMs(report.targets.answerWithinMs)}`,
  );
  sheet.y = top + height + 24;
}

function drawBins(
  sheet: Sheet,
  answered: readonly ReportParticipant[],
  targetMs: number,
  endMs: number,
  step: number,
): void {
  const height = binsHeight;
  sheet.need(height + 60);
  const top = sheet.y + 16;
  const bottom = top + height;
  const x = paper.left + 28;
  const width = contentWidth - 48;
  const binMs = step / 2;
  const bins = Array.from({ length: Math.ceil(endMs / binMs) }, () => ({ inTime: 0, late: 0 }));
  for (const { answeredAfterMs = 0, outcome } of answered) {
    const bin = bins[Math.max(0, Math.min(bins.length - 1, Math.floor(answeredAfterMs / binMs)))];
    if (bin !== undefined) bin[outcome === 'in-time' ? 'inTime' : 'late'] += 1;
  }
  const most = Math.max(1, ...bins.map((bin) => bin.inTime + bin.late));
  axis(sheet, x, width, top, bottom, endMs, step);
  bins.forEach(({ inTime, late }, index) => {
    if (inTime + late === 0) return;
    const left = x + (width * index) / bins.length + 1;
    const wide = width / bins.length - 2;
    const inTimeHeight = (inTime / most) * (height - 14);
    const lateHeight = (late / most) * (height - 14);
    sheet.doc.rect(left, bottom - inTimeHeight, wide, inTimeHeight).fill(outcomeColor['in-time']);
    sheet.doc.rect(left, bottom - inTimeHeight - lateHeight, wide, lateHeight).fill(outcomeColor.late);
    const label = { size: 7, color: ink.muted, x: left - 10, width: wide + 20, align: 'center' as const };
    sheet.textAt(`${inTime + late}`, bottom - inTimeHeight - lateHeight - 10, label);
  });
  targetLine(sheet, x + (width * targetMs) / endMs, top, bottom, `target ${sayMs(targetMs)}`);
  sheet.y = bottom + 18;
  sheet.paragraph('People who answered in each stretch of time; those who did not answer are not in this picture.', {
    size: 8,
    color: ink.muted,
  });
}
