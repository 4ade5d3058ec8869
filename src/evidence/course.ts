/** How the drill went: answers, people, relays and the log line by line, drawn from the report alone. */
import type { Report } from '../core/report.ts';
import { drawTimes, timesHeight } from './chart.ts';
import { drawGrid } from './grid.ts';
import { outcomeColor, outcomeWord, sayAnswer, sayMs, sayPercent, saySeconds, sayTime } from './say.ts';
import { cut, ink, type Sheet } from './sheet.ts';
import type { Names } from './tables.ts';

/** Lines of the log on paper; log/events.jsonl has them all. */
const firstEvents = 160;
const lastEvents = 40;

export function drawResponse(sheet: Sheet, report: Report): void {
  sheet.heading('When the answers came', timesHeight(report));
  drawTimes(sheet, report);
  // Where every role has one holder the table would only repeat the picture.
  if (report.byRole.every((each) => each.members <= 1)) return;
  const rows = report.byRole.map((each) => [
    each.role,
    `${each.members}`,
    `${each.acknowledged}`,
    sayPercent(each.acknowledged, each.members),
    sayMs(each.medianMs),
  ]);
  drawGrid(
    sheet,
    [
      { title: 'Role', share: 46 },
      { title: 'Members', share: 12, align: 'right' },
      { title: 'Answered', share: 12, align: 'right' },
      { title: 'Share', share: 12, align: 'right' },
      { title: 'Median answer', share: 18, align: 'right' },
    ],
    rows,
  );
}

export function drawParticipants(sheet: Sheet, report: Report, names: Names | undefined): void {
  sheet.heading('Participants', 140);
  const note =
    names === undefined
      ? 'Participants are numbered in the order of the muster list. Who they are stands in a separate annex, if it was handed over. Times are seconds after the start.'
      : 'This copy carries names: handle it as personal data. Times are seconds after the start.';
  sheet.paragraph(note, { size: 8.5, color: ink.muted });
  const columns = [
    { title: 'Ref', share: 36, font: 'bold' as const },
    ...(names === undefined
      ? [
          { title: 'Role', share: 96 },
          { title: 'Unit', share: 102 },
        ]
      : [
          { title: 'Name', share: 104 },
          { title: 'Role, unit', share: 106 },
        ]),
    { title: 'Outcome', share: 66 },
    { title: 'Answer', share: 74 },
    { title: 'Reached', share: 46, align: 'right' as const },
    { title: 'Answered', share: 50, align: 'right' as const },
    { title: 'Relays', share: 40, align: 'right' as const },
  ];
  drawGrid(
    sheet,
    columns,
    report.participants.map((each) => [
      each.ref,
      ...(names === undefined ? [each.role, each.unit] : [names.get(each.ref) ?? '', `${each.role}, ${each.unit}`]),
      { text: outcomeWord[each.outcome], color: outcomeColor[each.outcome], font: 'bold' as const },
      sayAnswer(each),
      saySeconds(each.reachedAfterMs),
      saySeconds(each.answeredAfterMs),
      each.readiness === undefined ? '–' : `${each.readiness.relaysUp}/${each.readiness.relaysTotal}`,
    ]),
  );
}

export function drawRelays(sheet: Sheet, report: Report): void {
  sheet.heading('Relays and fail-over');
  drawGrid(
    sheet,
    [
      { title: 'Relay', share: 7, font: 'bold' },
      { title: 'Name', share: 22 },
      { title: 'Reached by', share: 11, align: 'right' },
      { title: 'Lost by', share: 9, align: 'right' },
      { title: 'First lost after', share: 15, align: 'right' },
      { title: 'Answers after that', share: 13, align: 'right' },
      { title: 'Quiet for', share: 11, align: 'right' },
      { title: 'Pinned key', share: 26, font: 'mono' },
    ],
    report.relays.map((each) => [
      each.ref,
      each.name,
      `${each.reachedBy}`,
      each.lostBy === 0 ? '–' : { text: `${each.lostBy}`, color: ink.bad, font: 'bold' as const },
      sayMs(each.lostAfterMs),
      each.answersAfterLoss === undefined ? '–' : `${each.answersAfterLoss}`,
      sayMs(each.switchMs),
      { text: cut(each.pin, 17), color: ink.muted },
    ]),
  );
}

export function drawTimeline(sheet: Sheet, report: Report): void {
  sheet.heading('Timeline', 140);
  const { events } = report;
  const left = events.length - firstEvents - lastEvents;
  const shown = left <= 0 ? [events] : [events.slice(0, firstEvents), events.slice(-lastEvents)];
  shown.forEach((part, index) => {
    if (index === 1)
      sheet.paragraph(`${left} lines are left out here; log/events.jsonl has all ${events.length}.`, {
        size: 8.5,
        color: ink.muted,
      });
    drawGrid(
      sheet,
      [
        { title: 'No.', share: 8, align: 'right' },
        { title: 'Time (UTC)', share: 14, font: 'mono' },
        { title: 'After', share: 13, align: 'right' },
        { title: 'Who', share: 12, font: 'bold' },
        { title: 'What', share: 13 },
        { title: 'Detail', share: 40 },
        { title: 'Entry', share: 15, font: 'mono' },
      ],
      part.map((each) => [
        `${each.seq}`,
        sayTime(each.atMs).slice(11, 19),
        sayMs(each.afterMs),
        each.actor,
        each.action,
        each.detail,
        { text: cut(each.entry, 9), color: ink.faint },
      ]),
    );
  });
}
