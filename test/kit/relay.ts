/** A real relay for tests, in this process or as one of its own, and a client that speaks raw frames to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { openLog } from '../../server/log.ts';
import { type Relay, type RelayConfig, startRelay } from '../../server/relay.ts';
import { accessProof } from '../../src/core/admission.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { type ClientFrame, decodeRelayFrame, encodeClientFrame, type RelayFrame } from '../../src/wire/frame.ts';
import { type OrgId, type RelayId, relayId, type TopicId, topicId } from '../../src/wire/id.ts';
import type { TestDevice, TestOrg } from './org.ts';
import { until, within } from './until.ts';

export interface TestRelay extends Relay {
  readonly dataDir: string;
  /** `127.0.0.1:PORT`, as a link takes it. */
  readonly address: string;
  /** Everything it logged. */
  readonly log: readonly string[];
}

export const makeDataDir = (): string => mkdtempSync(join(tmpdir(), 'muster-relay-'));
export const dropDataDir = (dataDir: string): void => rmSync(dataDir, { recursive: true, force: true });

/** An in-process relay on a free loopback port; `dataDir` to start again on the files of an earlier one. */
export async function startTestRelay(
  orgs: readonly OrgId[],
  options: Partial<RelayConfig> & { readonly now?: () => number } = {},
): Promise<TestRelay> {
  const { now = Date.now, ...config } = options;
  const dataDir = config.dataDir ?? makeDataDir();
  const lines: string[] = [];
  const log = openLog({ level: 'debug', hasAddresses: false, hasTopics: false }, (line) => void lines.push(line));
  const relay = await startRelay({ host: '127.0.0.1', port: 0, orgs, ...config, dataDir }, { log, now });
  return { ...relay, dataDir, address: `127.0.0.1:${relay.port}`, log: lines };
}

type Kind = RelayFrame['type'];
type Of<K extends Kind> = Extract<RelayFrame, { type: K }>;

/** Speaks frames, nothing by itself. What arrived waits in order until a test takes it. */
export class RawClient {
  readonly socket: WebSocket;
  readonly frames: RelayFrame[] = [];
  closed: { readonly code: number } | undefined;

  constructor(port: number, scheme: 'wss' | 'ws' = 'wss') {
    // No pin: these tests are about the relay. Pinning is tested with the link.
    this.socket = new WebSocket(`${scheme}://127.0.0.1:${port}/`, {
      rejectUnauthorized: false,
      perMessageDeflate: false,
    });
    this.socket.on('message', (data) => {
      if (data instanceof Uint8Array) this.frames.push(decodeRelayFrame(data));
    });
    this.socket.on('close', (code) => {
      this.closed = { code };
    });
    this.socket.on('error', () => {
      this.closed ??= { code: 1006 };
    });
  }

  async open(): Promise<this> {
    await until(() => this.socket.readyState === WebSocket.OPEN, 'the socket opens');
    return this;
  }

  send(frame: ClientFrame): void {
    this.socket.send(encodeClientFrame(frame));
  }

  /** Takes the first frame of this kind that waits or comes. */
  take<K extends Kind>(kind: K, timeoutMs = 5000): Promise<Of<K>> {
    return until(
      () => {
        const at = this.frames.findIndex(({ type }) => type === kind);
        const found = at < 0 ? undefined : this.frames.splice(at, 1)[0];
        return found !== undefined && isKind(found, kind) ? found : undefined;
      },
      `a ${kind} frame arrives (there are: ${this.frames.map(({ type }) => type).join(' ')})`,
      timeoutMs,
    );
  }

  whenClosed(timeoutMs = 5000): Promise<{ readonly code: number }> {
    return until(() => this.closed, 'the relay closes the socket', timeoutMs);
  }

  close(): void {
    this.socket.terminate();
  }
}

function isKind<K extends Kind>(frame: RelayFrame, kind: K): frame is Of<K> {
  return frame.type === kind;
}

/** hello → challenge; `prove` is left to the caller. */
export async function greet(
  port: number,
  scheme: 'wss' | 'ws' = 'wss',
): Promise<{ client: RawClient; challenge: Of<'challenge'> }> {
  const client = await new RawClient(port, scheme).open();
  client.send({ type: 'hello', versions: [1] });
  return { client, challenge: await client.take('challenge') };
}

export function prove(
  client: RawClient,
  challenge: Of<'challenge'>,
  pin: RelayId,
  org: OrgId,
  device: TestDevice,
): void {
  const signature = device.signAccess(accessProof(challenge.nonce, pin, org, challenge.version));
  client.send({ type: 'proof', org, access: device.access, signature });
}

/** A client that is inside. */
export async function enter(
  relay: { readonly port: number; readonly pin: RelayId },
  { org }: TestOrg,
  device: TestDevice,
  scheme: 'wss' | 'ws' = 'wss',
): Promise<RawClient> {
  const { client, challenge } = await greet(relay.port, scheme);
  prove(client, challenge, relay.pin, org, device);
  await client.take('welcome');
  return client;
}

export const topicNumber = (n: number): TopicId => topicId.of(new Uint8Array(32).fill(n));

/** An envelope as the relay sees one: bytes that mean nothing, different for each number. */
export function envelopeNumber(n: number, size = 300): Bytes {
  const bytes = new Uint8Array(size).fill(0x5a);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
}
export const numberOf = (envelope: Bytes): number => new DataView(envelope.buffer, envelope.byteOffset).getUint32(0);

export interface RelayProcess {
  readonly child: ChildProcess;
  readonly pin: RelayId;
  readonly port: number;
  readonly metricsPort: number;
  /** What it wrote on stderr. */
  log(): string;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/**
 * A relay process from `dist/` (`program`: another file than the usual), resolved when it listens. `nodeArgs`: for Node
 * itself, a limit of memory for one.
 */
export async function spawnRelay(
  dataDir: string,
  org: OrgId,
  admissionPath?: string,
  more: { readonly program?: string; readonly args?: readonly string[]; readonly nodeArgs?: readonly string[] } = {},
): Promise<RelayProcess> {
  const program = more.program ?? join(import.meta.dirname, '../../dist/server/main.js');
  if (!existsSync(program)) throw new Error(`${program} is not there: build first (npm run build)`);
  const admission = admissionPath === undefined ? [] : ['--admission', admissionPath];
  const usual = ['--json', '--data', dataDir, '--listen', '127.0.0.1:0', '--org', org, ...admission];
  const args = [...(more.nodeArgs ?? []), program, 'start', ...usual, ...(more.args ?? [])];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    errors.push(chunk.toString());
    // The first is the reason of a failed start; of a long run the end is enough.
    if (errors.length > 2000) errors.splice(1, 1);
  });
  // Not `exit`: what it said last may still be in the pipe then.
  const gone = new Promise<number | null>((resolve) => {
    child.once('close', (code) => resolve(code));
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    void gone.then((code) => reject(new Error(`the relay ended with ${code}: ${errors.join('')}`)));
  });
  const said: unknown = JSON.parse(await within(firstLine, 'the relay listens', 15_000));
  if (typeof said !== 'object' || said === null || !('port' in said) || !('pin' in said))
    throw new Error('the relay said something else');
  return {
    child,
    port: Number(said.port),
    metricsPort: 'metricsPort' in said ? Number(said.metricsPort) : 0,
    pin: relayId.parse(String(said.pin)),
    log: () => errors.join(''),
    async kill() {
      child.kill('SIGKILL');
      await within(gone, 'the relay dies');
    },
    stop() {
      child.kill('SIGTERM');
      return within(gone, 'the relay stops');
    },
  };
}

/** Memory of a relay process in bytes, shared pages and all, as the machine counts it. */
export const residentBytes = ({ child }: RelayProcess): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024;

/** Status and text of a page; `scheme` as the port speaks. */
export function getPage(
  port: number,
  path: string,
  scheme: 'http' | 'https' = 'http',
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    };
    const where = { host: '127.0.0.1', port, path };
    (scheme === 'https' ? https.request({ ...where, rejectUnauthorized: false }, take) : http.request(where, take))
      .on('error', reject)
      .end();
  });
}
