/**
 * Examples in a document: blocks fenced as `hex name=…`. A long one shows how it begins and ends in a line
 * `… N bytes, SHA-256 …` over the whole.
 */
import { createHash } from 'node:crypto';
import { type Bytes, hex } from '../../src/wire/bytes.ts';

const perLine = 48;
const mostLines = 8;

export interface Example {
  readonly name: string;
  /** As the block has it. */
  readonly text: string;
}

const block = /```hex name=([\w-]+)\n([^`]*)```/g;

export const findExamples = (page: string): readonly Example[] =>
  [...page.matchAll(block)].map(([, name = '', text = '']) => ({ name, text }));

export function writeExample(bytes: Bytes): string {
  const lines = hex(bytes).match(new RegExp(`.{1,${2 * perLine}}`, 'g')) ?? [];
  if (lines.length <= mostLines) return `${lines.join('\n')}\n`;
  const digest = createHash('sha256').update(bytes).digest('hex');
  return `${lines.slice(0, mostLines - 2).join('\n')}\n… ${bytes.length} bytes, SHA-256 ${digest}\n`;
}

/** The page with every example as it is made now. Throws for a block that names nothing known. */
export function refreshExamples(page: string, examples: ReadonlyMap<string, Bytes>): string {
  return page.replaceAll(block, (_whole, name: string) => {
    const bytes = examples.get(name);
    if (bytes === undefined) throw new Error(`docs/protocol.md shows an example ${name} that is not made`);
    return `\`\`\`hex name=${name}\n${writeExample(bytes)}\`\`\``;
  });
}
