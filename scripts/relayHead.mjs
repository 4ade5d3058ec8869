/**
 * The beginning of dist/relay.mjs. The scripts of the relay stand behind it in a comment (bundleRelay.mjs), and each is
 * compiled when it is first asked for: Node reads through the whole file before it runs a line of it, and through a
 * comment fastest. So the thread of the store begins before the relay itself is compiled.
 */
const { fstatSync, openSync, readSync } = process.getBuiltinModule('fs');
const { createRequire } = process.getBuiltinModule('module');
const { fileURLToPath } = process.getBuiltinModule('url');
const { Script } = process.getBuiltinModule('vm');
const { Worker } = process.getBuiltinModule('worker_threads');

/** Of each script how far from the end of the file it begins, and how long it is. */
const places = JSON.parse('PLACES');
const path = fileURLToPath(import.meta.url);
const file = openSync(path);
const { size } = fstatSync(file);
const outside = createRequire(path);
const loaded = new Map();

function textOf(name) {
  const [fromEnd, length] = places[name];
  const bytes = Buffer.allocUnsafe(length);
  readSync(file, bytes, 0, length, size - fromEnd);
  return bytes.toString('latin1').replaceAll('*~/', '*/');
}

// Kept: a thread that is begun later is of the same version, whatever file lies there then.
const work = textOf('work.cjs');
const bootWork = () => new Worker(work, { eval: true, workerData: path });
let first = process.argv[2] === 'start' ? bootWork() : undefined;
/** What thread.ts starts the thread of the store with; the first was begun above. */
function takeWork() {
  const worker = first ?? bootWork();
  first = undefined;
  return worker;
}

function load(name) {
  const held = loaded.get(name);
  if (held !== undefined) return held.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const script = new Script(textOf(name), { filename: `${path}/${name}` });
  const require = (wanted) => (wanted.startsWith('./') ? load(wanted.slice(2)) : outside(wanted));
  script.runInThisContext()(module.exports, require, module, path, takeWork);
  return module.exports;
}

load('main.cjs');
