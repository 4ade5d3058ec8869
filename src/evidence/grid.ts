/**
 * Tables on paper: columns of fixed share, rows as high as their longest cell, the head repeated on every page.
 * Never loses a row: one too long for the rest of the page starts the next one, and the last three stay together
 * so that no page begins with the head over a single line.
 */
import { clean, contentWidth, cut, type FontName, ink, paper, type Sheet } from './sheet.ts';

export interface GridColumn {
  readonly title: string;
  /** Relative to the sum of all. */
  readonly share: number;
  readonly align?: 'left' | 'right';
  readonly font?: FontName;
}

export type GridCell = string | { readonly text: string; readonly color?: string; readonly font?: FontName };

const size = 8;
const pad = 4;
const keep = 3;
const keepHeight = 200;

export function drawGrid(sheet: Sheet, columns: readonly GridColumn[], rows: readonly (readonly GridCell[])[]): void {
  const total = columns.reduce((sum, column) => sum + column.share, 0);
  let x: number = paper.left;
  const places = columns.map((column) => {
    const place = { ...column, x: x + pad, width: (contentWidth * column.share) / total - 2 * pad };
    x += (contentWidth * column.share) / total;
    return place;
  });

  const head = (): void => {
    const height = Math.max(
      ...places.map((place) => sheet.heightOf(place.title, { font: 'bold', size: 7.5, width: place.width })),
    );
    for (const { title, x, width, align = 'left' } of places) {
      sheet.textAt(title, sheet.y + 3, { font: 'bold', size: 7.5, color: ink.muted, x, width, align });
    }
    sheet.y += height + 6;
    sheet.doc.moveTo(paper.left, sheet.y).lineTo(paper.right, sheet.y).lineWidth(1).strokeColor(ink.deep).stroke();
  };

  sheet.need(60);
  head();
  const laid = rows.map((row) => {
    const cells = places.map((place, index) => {
      const cell = row[index] ?? '';
      const given = typeof cell === 'string' ? { text: cell } : cell;
      const style = {
        size,
        color: ink.text,
        font: place.font ?? ('plain' as const),
        ...given,
        x: place.x,
        width: place.width,
        align: place.align ?? ('left' as const),
      };
      return { text: cut(clean(given.text)), style };
    });
    const height = Math.max(...cells.map(({ text, style }) => sheet.heightOf(text, style))) + 2 * pad - 1;
    return { cells, height };
  });
  laid.forEach(({ cells, height }, index) => {
    const together =
      index === laid.length - keep ? laid.slice(index).reduce((sum, row) => sum + row.height, 0) : height;
    if (sheet.need(Math.min(together, keepHeight)) || sheet.need(height)) head();
    for (const { text, style } of cells) if (text !== '') sheet.textAt(text, sheet.y + pad, style);
    sheet.y += height;
    sheet.rule(sheet.y);
  });
  sheet.y += 8;
}
