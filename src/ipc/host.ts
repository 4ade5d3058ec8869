/**
 * What a window is plugged into. The console and the Electron shell both take one of these and know nothing else of
 * the responder behind it, so the same window runs on either and a test can stand in for the device.
 */
import type { Gate, GiveGate, TakeGate } from './gate.ts';
import type { ChangeEvent } from './view.ts';

export interface WindowHost {
  readonly gate: Gate;
  /** Files that come in, and files that go out. */
  readonly give: GiveGate;
  readonly take: TakeGate;
  /** Returns the function that ends the subscription. */
  onChange(listener: (change: ChangeEvent) => void): () => void;
  /** The machine slept and is awake again. Harmless at any time, and while the device is closed. */
  renew(): void;
  /** Closes the device. Whoever opened the host closes it; a console or a shell does not. */
  close(): Promise<void>;
}
