/**
 * A copy of the program with something in it changed: to show that a rule is what stops an attack, the rule is taken
 * out and the attack tried again. A change that does not find its place exactly once is an error, so that a rule that
 * moved is not believed to be switched off.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const root = join(import.meta.dirname, '../..');

export interface Copy {
  readonly dir: string;
  remove(): void;
}

/** Within the project, so that its modules find the same dependencies. */
export function copyWith(name: string, edits: readonly Edit[]): Copy {
  const dir = mkdtempSync(join(root, `test-results/copy-${name}-`));
  for (const part of ['src/wire', 'src/core', 'src/engine', 'test/kit'])
    cpSync(join(root, part), join(dir, part), { recursive: true });
  symlinkSync(join(root, 'package.json'), join(dir, 'package.json'));
  for (const edit of edits) {
    const path = join(dir, edit.file);
    writeFileSync(path, replaceOnce(readFileSync(path, 'utf8'), edit));
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export function replaceOnce(text: string, { file, from, to }: Edit): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times what is to be changed: ${from}`);
  return parts.join(to);
}
