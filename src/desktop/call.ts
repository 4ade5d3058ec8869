/**
 * The main process's side of the bridge. One handler for every channel, and before anything else one question: did this
 * come from the top frame of our own window, showing our own page? Everyone else hears the same as for an unknown call.
 */
import type { IpcMain } from 'electron';
import type { WindowHost } from '../ipc/host.ts';
import { type ChoosePlace, createGiving, takeOut } from './carry.ts';
import { callChannel, changeChannel, giveChannel, origin, takeChannel } from './channel.ts';

/** What is looked at of a frame; Electron's own frames have it. */
export interface Frame {
  readonly url: string;
  readonly parent: unknown;
}

/** What is needed of a window's contents. */
export interface Contents {
  readonly mainFrame: Frame;
  isDestroyed(): boolean;
  send(channel: string, ...args: unknown[]): void;
}

interface Sent {
  readonly sender: unknown;
  readonly senderFrame: Frame | null;
}

/** `senderFrame` is null when the frame has gone away or navigated since it asked: then nobody is there to be answered. */
export function isOurWindow({ sender, senderFrame }: Sent, contents: Contents | undefined): boolean {
  if (contents === undefined || sender !== contents || senderFrame === null) return false;
  if (senderFrame !== contents.mainFrame || senderFrame.parent !== null) return false;
  return senderFrame.url === `${origin}/` || senderFrame.url.startsWith(`${origin}/#`);
}

/** Returns the function that ends the connection. `current` is asked anew for every call, since windows come and go. */
export function connectWindow(
  ipcMain: { handle(channel: string, listener: (event: Sent, ...args: unknown[]) => unknown): void } & Pick<
    IpcMain,
    'removeHandler'
  >,
  host: Pick<WindowHost, 'gate' | 'give' | 'take' | 'onChange'>,
  current: () => Contents | undefined,
  choose: ChoosePlace,
): () => void {
  const giving = createGiving(host.give);
  const handle = (channel: string, answer: (...args: readonly unknown[]) => unknown) =>
    ipcMain.handle(channel, (event, ...args) =>
      isOurWindow(event, current())
        ? answer(...args)
        : { ok: false, code: 'invalid', text: 'This window may not ask Muster anything.' },
    );
  handle(callChannel, (name, args) => host.gate(name, args));
  handle(giveChannel, (...step) => giving.step(...step));
  handle(takeChannel, (name, args) => takeOut(host.take, choose, name, args));
  const unsubscribe = host.onChange((change) => {
    const contents = current();
    if (contents !== undefined && !contents.isDestroyed()) contents.send(changeChannel, change);
  });
  return () => {
    unsubscribe();
    giving.end();
    for (const channel of [callChannel, giveChannel, takeChannel]) ipcMain.removeHandler(channel);
  };
}
