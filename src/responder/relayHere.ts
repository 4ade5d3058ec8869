/**
 * The relay a person starts on their own machine: runs the relay of server/ in this process, in a folder beside the
 * vault, watches it, and brings it back after Muster or the machine went down. It needs nothing out of the vault once
 * it was started, so locking leaves it running.
 *
 * It must never listen where the person did not say, on every address, or at all unless they started it and did not
 * stop it since.
 */
import { join } from 'node:path';
import type { MusterList } from '../core/list.ts';
import { wordsOf } from '../core/words.ts';
import type { RelayHereView } from '../ipc/view.ts';
import type { Bytes } from '../wire/bytes.ts';
import { Broken, CallerFault, Fault, Refused } from '../wire/fault.ts';
import { type OrgId, orgId, relayId } from '../wire/id.ts';
import type { Ports } from './port.ts';
import { cardOf, cardPathOf, type Note, readNote, writeCard, writeNote } from './relayNote.ts';
import { type Health, joinAddress, type RunningRelay } from './relayPort.ts';
import { explainStart, relayTrouble } from './relayTrouble.ts';

/** How often a running relay is looked at, and one that cannot run is tried again. */
const lookMs = 3_000;
/** How long it may take to say how it is. */
const askMs = 2_000;

export interface Wish {
  readonly name: string;
  readonly org: OrgId;
  readonly host: string;
  /** 0: the one it had, or any. */
  readonly port: number;
}

export class RelayHere {
  readonly #dir: string;
  readonly #ports: Pick<Ports, 'relay' | 'setTimer' | 'log'>;
  readonly #changed: () => void;
  #kept: Note | undefined;
  #running: RunningRelay | undefined;
  #devices = 0;
  #trouble: string | undefined;
  /** Starting and stopping, one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #cancelLook: (() => void) | undefined;
  #isOver = false;

  constructor(deviceDir: string, ports: Pick<Ports, 'relay' | 'setTimer' | 'log'>, changed: () => void) {
    this.#dir = join(deviceDir, 'relay');
    this.#ports = ports;
    this.#changed = changed;
  }

  /** Takes up what was left: if it ran when Muster ended, however it ended, it runs again. */
  resume(): void {
    this.#kept = readNote(this.#dir, this.#ports.log);
    if (this.#kept?.isOn === true) void this.#look();
  }

  /** `list`: the device's muster list, if its vault is open. */
  view(list?: MusterList): RelayHereView {
    const kept = this.#kept;
    const listed = list?.relays.find((each) => each.id === kept?.pin);
    return {
      state: this.#running !== undefined ? 'running' : kept?.isOn === true ? 'waiting' : 'off',
      choices: this.#ports.relay.addresses(),
      devices: this.#running === undefined ? 0 : this.#devices,
      ...(this.#running === undefined ? {} : { at: joinAddress(this.#running.host, this.#running.port) }),
      // Whoever comes by a locked window learns no more than a port scan would tell.
      ...(kept === undefined || list === undefined ? {} : { known: this.#known(kept) }),
      ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }),
      ...(list === undefined || listed === undefined
        ? {}
        : { listed: { version: list.version, name: listed.name, addresses: listed.addresses } }),
    };
  }

  /**
   * Starts it; when this resolves it listens, and will come back after a crash. Throws `CallerFault`: `already-there`
   * (it runs, or the port is taken), `not-found` (this machine has no such address), `not-allowed` (the port);
   * `Refused('disk')`, `Broken`. Nothing listens then.
   */
  start(wish: Wish, admission: Bytes): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#running !== undefined)
        throw new CallerFault('already-there', 'A relay runs here already. Stop it first, to start it elsewhere.');
      if (!this.#has(wish.host)) throw new CallerFault('not-found', relayTrouble.gone(wish.host));
      const running = await this.#listen(wish, admission);
      try {
        const kept = { ...wish, isOn: true, pin: running.pin, port: running.port };
        writeCard(this.#dir, kept);
        writeNote(this.#dir, kept);
        this.#kept = kept;
      } catch (cause) {
        // It would not come back after a crash, and who relies on it would not know.
        await running.close();
        throw new Refused('disk', relayTrouble.noNote, { cause });
      }
      this.#isNow(running);
    });
  }

  /** Stops it, and it stays stopped. Throws `Refused('disk')` when only the second cannot be promised. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      this.#cancelLook?.();
      let refused: unknown;
      try {
        if (this.#kept !== undefined) {
          writeNote(this.#dir, { ...this.#kept, isOn: false });
          this.#kept = { ...this.#kept, isOn: false };
        }
      } catch (cause) {
        refused = cause;
      }
      await this.#end();
      if (refused !== undefined) throw new Refused('disk', relayTrouble.noStopNote, { cause: refused });
    });
  }

  /** For the end of the program: it stops, and is started again with Muster. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#cancelLook?.();
    await this.#inTurn(() => this.#end());
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.#trouble = undefined;
    try {
      await running?.close();
    } finally {
      this.#changed();
    }
  }

  #isNow(running: RunningRelay): void {
    this.#running = running;
    this.#devices = 0;
    this.#trouble = undefined;
    this.#changed();
    this.#lookLater();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #listen({ host, port, org }: Pick<Wish, 'host' | 'port' | 'org'>, admission?: Bytes): Promise<RunningRelay> {
    const options = { dataDir: this.#dir, org, host, port: port === 0 ? (this.#kept?.port ?? 0) : port };
    let running: RunningRelay;
    try {
      running = await this.#ports.relay.start({ ...options, ...(admission !== undefined && { admission }) });
    } catch (error) {
      throw explainStart(error, host, options.port);
    }
    if (this.#kept === undefined || this.#kept.pin === running.pin) return running;
    // Another key is another relay, and the list that names the old one would lead nobody here.
    await running.close();
    throw new Broken('corrupt', relayTrouble.otherKey);
  }

  #lookLater(): void {
    this.#cancelLook?.();
    if (!this.#isOver) this.#cancelLook = this.#ports.setTimer(lookMs, () => void this.#look());
  }

  /** Never rejects: what is wrong becomes what is shown. */
  async #look(): Promise<void> {
    const running = this.#running;
    if (running === undefined) await this.#inTurn(() => this.#tryAgain());
    else await this.#examine(running);
  }

  async #examine(running: RunningRelay): Promise<void> {
    const isHere = this.#has(running.host);
    const health = isHere ? await this.#ask(running) : undefined;
    if (this.#running !== running || this.#isOver) return;
    const trouble = !isHere
      ? relayTrouble.gone(running.host)
      : health === undefined
        ? relayTrouble.silent
        : health.ok
          ? undefined
          : relayTrouble.disk;
    const devices = health?.admitted ?? 0;
    const isNews = trouble !== this.#trouble || devices !== this.#devices;
    this.#trouble = trouble;
    this.#devices = devices;
    if (isNews) this.#changed();
    this.#lookLater();
  }

  /** Undefined when it does not say: its disk may hang, and nobody must wait for that. */
  #ask(running: RunningRelay): Promise<Health | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#ports.setTimer(askMs, () => resolve(undefined));
      running
        .health()
        .then(resolve, () => resolve(undefined))
        .finally(cancel);
    });
  }

  async #tryAgain(): Promise<void> {
    // Read anew: another program of this device may have stopped it.
    const kept = readNote(this.#dir, this.#ports.log);
    this.#kept = kept;
    if (this.#isOver || this.#running !== undefined) return;
    const before = this.#trouble;
    if (kept?.isOn !== true) {
      this.#trouble = undefined;
      this.#changed();
      return;
    }
    try {
      if (!this.#has(kept.host)) throw new CallerFault('not-found', relayTrouble.gone(kept.host));
      this.#isNow(await this.#listen({ ...kept, org: orgId.parse(kept.org) }));
    } catch (error) {
      this.#trouble = error instanceof Fault ? error.message : relayTrouble.unknown;
      if (this.#trouble !== before) this.#changed();
      this.#lookLater();
    }
  }

  #has(host: string): boolean {
    return this.#ports.relay.addresses().some(({ address }) => address === host);
  }

  #known(kept: Note): NonNullable<RelayHereView['known']> {
    const { name, host, port, pin } = kept;
    return {
      ...{ name, host, port, pin },
      address: joinAddress(host, port),
      words: wordsOf(relayId.bytes(relayId.parse(pin))),
      card: cardOf(kept),
      cardPath: cardPathOf(this.#dir),
    };
  }
}
