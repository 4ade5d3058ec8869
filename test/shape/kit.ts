/**
 * The checkers of the shape tests: functions from source text to findings, so that every rule can be shown a planted
 * fault. Sources are parsed, not searched: a rule must hold in code and may be named in a comment or a string.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

/** A finding is one sentence that begins with the file it is about. */
export type Finding = string;

/** Source text by its path from the project's root, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

export interface Import {
  /** A path from the project's root for a local file, else the package, or the builtin with its `node:`. */
  readonly target: string;
  readonly isLocal: boolean;
  readonly isType: boolean;
}

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const skipped = new Set(['node_modules', '.git', 'dist', 'demo-out', 'test-results', 'dist-installer']);

/** Every file below the folders, or below the root, that is not installed, built or left over from a run. */
export function listFiles(...folders: readonly string[]): readonly string[] {
  const walk = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (skipped.has(entry.name) || entry.name.startsWith('.dist-')) return [];
      const path = join(folder, entry.name);
      return entry.isDirectory() ? walk(path) : [relative(root, path).split(sep).join('/')];
    });
  const starts = folders.length === 0 ? [root] : folders.map((folder) => join(root, folder));
  return starts
    .filter((start) => existsSync(start))
    .flatMap(walk)
    .toSorted();
}

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

export function readSources(...folders: readonly string[]): Sources {
  const files = listFiles(...folders).filter((file) => /\.(ts|tsx|mjs|js)$/.test(file));
  return new Map(files.map((file) => [file, readText(file)]));
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/** Every node of a file's syntax tree. Throws if the file does not parse: a rule may not pass on what it cannot read. */
export function parseNodes(path: string, text: string): readonly Node[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const found: Node[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    else if (isNode(value)) {
      found.push(value);
      for (const each of Object.values(value)) if (typeof each === 'object') visit(each);
    }
  };
  visit(program);
  return found;
}

const isIdentifier = (value: unknown, name: string): boolean =>
  isNode(value) && value.type === 'Identifier' && value['name'] === name;

/** The name of a property in `a.name` and `a['name']`. */
function propertyOf(node: Node): string | undefined {
  const property = node['property'];
  if (!isNode(property)) return undefined;
  const name = node['computed'] === true ? property['value'] : property['name'];
  return typeof name === 'string' ? name : undefined;
}

const textOf = (value: unknown): string | undefined => {
  if (!isNode(value)) return undefined;
  if (value.type === 'Literal') return typeof value['value'] === 'string' ? value['value'] : undefined;
  // A template without holes is a constant too; `import(`ws`)` is no way round a rule.
  const quasis = value.type === 'TemplateLiteral' ? (value['quasis'] as readonly { value: { cooked: string } }[]) : [];
  return quasis.length === 1 ? quasis[0]?.value.cooked : undefined;
};

function isTypeOnly(node: Node): boolean {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const named = (node['specifiers'] as readonly Node[] | undefined) ?? [];
  return named.length > 0 && named.every((each) => each['importKind'] === 'type' || each['exportKind'] === 'type');
}

/** What a node imports: `[specifier, whether only types]`. A specifier that is computed at run time is `?`. */
function importOf(node: Node): readonly [string, boolean] | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return [textOf(node['source']) ?? '?', isTypeOnly(node)];
    case 'ExportNamedDeclaration':
      return isNode(node['source']) ? [textOf(node['source']) ?? '?', isTypeOnly(node)] : undefined;
    case 'ImportExpression':
      return [textOf(node['source']) ?? '?', false];
    case 'TSImportType':
      return [textOf(node['source'] ?? node['argument']) ?? '?', true];
    case 'TSExternalModuleReference':
      return [textOf(node['expression']) ?? '?', false];
    case 'CallExpression':
      return isIdentifier(node['callee'], 'require') || isResolve(node['callee'])
        ? [textOf((node['arguments'] as readonly unknown[])[0]) ?? '?', false]
        : undefined;
    default:
      return undefined;
  }
}

const isResolve = (callee: unknown): boolean =>
  isNode(callee) &&
  callee.type === 'MemberExpression' &&
  isIdentifier(callee['object'], 'require') &&
  propertyOf(callee) === 'resolve';

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Every import of a file: static, dynamic, re-exported, of types, by require. */
export function readImports(path: string, text: string): readonly Import[] {
  return parseNodes(path, text).flatMap((node) => {
    const found = importOf(node);
    if (found === undefined) return [];
    const [specifier, isType] = found;
    const isLocal = specifier.startsWith('.') || specifier.startsWith('/');
    const target = isLocal
      ? normalize(join(dirname(path), specifier.replace(/\?.*$/, '')))
          .split(sep)
          .join('/')
      : specifier.startsWith('node:')
        ? specifier
        : packageOf(specifier);
    return [{ target, isLocal, isType }];
  });
}

/** Cycles among local imports, each named by its files from the alphabetically first one. Types count. */
export function findCycles(sources: Sources): readonly Finding[] {
  const edges = new Map(
    [...sources].map(([path, text]) => [
      path,
      readImports(path, text)
        .filter((each) => each.isLocal && sources.has(each.target))
        .map((each) => each.target),
    ]),
  );
  const done = new Set<string>();
  const found = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      const loop = trail.slice(at);
      const first = loop.indexOf(loop.toSorted()[0] ?? '');
      found.add([...loop.slice(first), ...loop.slice(0, first)].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return [...found].map((loop) => `${loop} → (again): an import cycle`);
}

/** The local files that are loaded when `entry` runs, itself included. Type imports are followed as well. */
export function closeOver(entry: string, sources: Sources): readonly string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const text = sources.get(path);
    if (text === undefined || seen.has(path)) return;
    seen.add(path);
    for (const each of readImports(path, text)) if (each.isLocal) visit(each.target);
  };
  visit(entry);
  return [...seen].toSorted();
}

/** Uses of a global by name: `console.log`, `setTimeout(…)`, `new Date()`. A property of that name is none. */
export function findGlobals(path: string, text: string, names: readonly string[]): readonly Finding[] {
  const nodes = parseNodes(path, text);
  const call = (node: Node): readonly unknown[] => (node['arguments'] as readonly unknown[] | undefined) ?? [];
  const used = nodes.flatMap((node) => {
    if (node.type === 'NewExpression' && isIdentifier(node['callee'], 'Date') && call(node).length === 0)
      return ['new Date()'];
    if (node.type === 'MemberExpression' && isNode(node['object']) && node['object'].type === 'Identifier') {
      return [String(node['object']['name']), `${String(node['object']['name'])}.${propertyOf(node) ?? '?'}`];
    }
    if (node.type === 'CallExpression' && isNode(node['callee']) && node['callee'].type === 'Identifier') {
      const name = String(node['callee']['name']);
      return [name, `${name}()`];
    }
    return [];
  });
  return [...new Set(used)].filter((name) => names.includes(name)).map((name) => `${path} uses ${name}`);
}

/** Reads of the environment in any form: `process.env`, `const { env } = process`, `import … from 'node:process'`. */
export function readsEnvironment(path: string, text: string): boolean {
  return parseNodes(path, text).some((node) => {
    if (node.type === 'MemberExpression') return isIdentifier(node['object'], 'process') && propertyOf(node) === 'env';
    if (node.type === 'VariableDeclarator') {
      return isIdentifier(node['init'], 'process') && isNode(node['id']) && node['id'].type === 'ObjectPattern';
    }
    return importOf(node)?.[0].replace('node:', '') === 'process';
  });
}

/** Tests that do not run, or keep others from running. A condition on a test is a skip that nobody sees. */
export function findIdleTests(path: string, text: string): readonly Finding[] {
  const idle = new Set(['skip', 'only', 'todo', 'skipIf', 'runIf', 'fails']);
  const starts = new Set(['test', 'it', 'describe', 'suite', 'bench']);
  const bare = new Set(['xit', 'xtest', 'xdescribe', 'fit', 'fdescribe']);
  const headOf = (node: unknown): string => {
    if (!isNode(node)) return '';
    if (node.type === 'Identifier') return String(node['name']);
    return headOf(node['object'] ?? node['callee'] ?? node['tag']);
  };
  return parseNodes(path, text).flatMap((node) => {
    if (node.type === 'MemberExpression' && idle.has(propertyOf(node) ?? '')) {
      const head = headOf(node);
      return starts.has(head) || head === 'context' || head === 'ctx'
        ? [`${path} has ${head}.${propertyOf(node)}`]
        : [];
    }
    if (node.type === 'CallExpression' && bare.has(headOf(node['callee'])))
      return [`${path} has ${headOf(node['callee'])}`];
    const isOption =
      node.type === 'Property' && isNode(node['key']) && isNode(node['value']) && node['value'].type === 'Literal';
    const name = isOption ? String((node['key'] as Node)['name']) : '';
    const isOn = isOption && (node['value'] as Node)['value'] === true;
    return isOn && idle.has(name) ? [`${path} sets ${name}: true`] : [];
  });
}

export function findLongFiles(sources: Sources, maxLines: number): readonly Finding[] {
  return [...sources]
    .map(([path, text]) => [path, text.split('\n').length - (text.endsWith('\n') ? 1 : 0)] as const)
    .filter(([, lines]) => lines > maxLines)
    .map(([path, lines]) => `${path} has ${lines} lines, over ${maxLines}: a noun is missing`);
}
