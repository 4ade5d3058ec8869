/**
 * Paper: an A4 document with our fonts, colours, cursor and page breaks, on pdfkit. Everything on it is a pure
 * function of what is drawn: no clock, no random id, no compression (zlib's output differs between builds), so the
 * same report gives the same bytes anywhere and a verifier can draw it again.
 *
 * Text from outside passes `clean`: control and direction characters could make a page say what is not written.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { type Bytes, concat } from '../wire/bytes.ts';

export const ink = {
  text: '#1d2733',
  muted: '#5b6875',
  faint: '#8b97a3',
  line: '#d5dce3',
  panel: '#f2f5f8',
  deep: '#12384a',
  deepSoft: '#a9c3cf',
  good: '#2c7a57',
  warn: '#c07a12',
  bad: '#b4332b',
  silent: '#7d5a86',
  exercise: '#f2b632',
  white: '#ffffff',
} as const;

export const paper = { width: 595.28, height: 841.89, left: 48, right: 547.28, top: 74, bottom: 782 } as const;
export const contentWidth = paper.right - paper.left;

const resolve = createRequire(import.meta.url).resolve;
const fontFiles = {
  plain: 'DejaVuSansCondensed.ttf',
  bold: 'DejaVuSansCondensed-Bold.ttf',
  mono: 'DejaVuSansMono.ttf',
} as const;
export type FontName = keyof typeof fontFiles;

/** Texts longer than this are cut in tables; they stand in full in report.json. */
const cellChars = 420;

/** Without control and direction characters; line breaks become spaces. */
export const clean = (text: string): string =>
  text
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu, '')
    .trim();

export const cut = (text: string, max: number = cellChars): string => {
  const letters = [...text];
  return letters.length <= max
    ? text
    : `${letters
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
};

export interface TextStyle {
  readonly font?: FontName;
  readonly size?: number;
  readonly color?: string;
  readonly x?: number;
  readonly width?: number;
  readonly align?: 'left' | 'right' | 'center';
  readonly spacing?: number;
  readonly lineGap?: number;
}

export interface SheetInfo {
  readonly title: string;
  readonly author: string;
  readonly createdAtMs: number;
}

export class Sheet {
  readonly doc: PDFKit.PDFDocument;
  readonly #chunks: Bytes[] = [];
  /** Where the next thing goes. */
  y: number = paper.top;

  constructor(info: SheetInfo) {
    this.doc = new PDFDocument({
      size: [paper.width, paper.height],
      margin: 0,
      autoFirstPage: false,
      compress: false,
      bufferPages: true,
      lang: 'en',
      displayTitle: true,
      pdfVersion: '1.7',
      info: {
        Title: info.title,
        Author: info.author,
        Subject: 'Exercise: after-action report',
        Creator: 'Muster',
        Producer: 'Muster',
        CreationDate: new Date(info.createdAtMs),
      },
    });
    this.doc.on('data', (chunk: Bytes) => this.#chunks.push(chunk));
    for (const [name, file] of Object.entries(fontFiles)) {
      this.doc.registerFont(name, readFileSync(resolve(`dejavu-fonts-ttf/ttf/${file}`)));
    }
  }

  /** The bytes of the document; nothing can be drawn after this. */
  finish(): Promise<Bytes> {
    return new Promise((done, fail) => {
      this.doc.on('end', () => done(concat(...this.#chunks)));
      this.doc.on('error', fail);
      this.doc.end();
    });
  }

  newPage(): void {
    this.doc.addPage();
    this.y = paper.top;
  }

  /** Turns the page unless `height` still fits on it. True if it did. */
  need(height: number): boolean {
    if (this.y + height <= paper.bottom) return false;
    this.newPage();
    return true;
  }

  heightOf(text: string, style: TextStyle = {}): number {
    const { width = contentWidth, lineGap = 1.5 } = style;
    return this.#set(style).heightOfString(text, { width, lineGap, characterSpacing: style.spacing ?? 0 });
  }

  widthOf(text: string, style: TextStyle = {}): number {
    return this.#set(style).widthOfString(text, { characterSpacing: style.spacing ?? 0 });
  }

  /** Draws at `y` without moving the cursor. Returns the height taken. */
  textAt(text: string, y: number, style: TextStyle = {}): number {
    const { x = paper.left, width = contentWidth, align = 'left', lineGap = 1.5 } = style;
    const height = this.heightOf(text, style);
    this.#set(style).fillColor(style.color ?? ink.text);
    this.doc.text(text, x, y, { width, align, lineGap, characterSpacing: style.spacing ?? 0 });
    return height;
  }

  /** Cuts to one line with an ellipsis. */
  lineAt(text: string, y: number, style: TextStyle & { readonly width: number }): void {
    const letters = [...cut(text, 240)];
    const start = (count: number): string =>
      count === letters.length ? letters.join('') : `${letters.slice(0, count).join('').trimEnd()}…`;
    const fits = (count: number): boolean => this.widthOf(start(count), style) <= style.width;
    let low = 0;
    // Halving, since measuring is what costs.
    for (let high = letters.length; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (fits(middle)) low = middle;
      else high = middle - 1;
    }
    const shown = start(low);
    // A little air, or rounding wraps a line that fits exactly.
    const x = style.align === 'right' ? (style.x ?? paper.left) - 4 : style.x;
    this.textAt(shown, y, { ...style, ...(x === undefined ? {} : { x }), width: style.width + 4 });
  }

  paragraph(text: string, style: TextStyle = {}): void {
    this.need(Math.min(this.heightOf(text, style), 400));
    this.y += this.textAt(text, this.y, style) + 5;
  }

  heading(title: string, keep = 90): void {
    if (this.y > paper.top) this.y += 18;
    this.need(keep + 30);
    this.doc.rect(paper.left, this.y + 2, 4, 15).fill(ink.deep);
    this.y += this.textAt(title, this.y, { font: 'bold', size: 13.5, color: ink.deep, x: paper.left + 12 }) + 7;
    this.doc.outline.addItem(title);
  }

  box(x: number, y: number, width: number, height: number, fill: string, radius = 4): void {
    this.doc.roundedRect(x, y, width, height, radius).fill(fill);
  }

  rule(y: number, color: string = ink.line): void {
    this.doc.moveTo(paper.left, y).lineTo(paper.right, y).lineWidth(0.5).strokeColor(color).stroke();
  }

  #set(style: TextStyle): PDFKit.PDFDocument {
    return this.doc.font(style.font ?? 'plain').fontSize(style.size ?? 9);
  }
}
