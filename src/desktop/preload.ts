/**
 * The window's side of the bridge, run in the sandbox and bundled to one CommonJS file. Fixed channels only: it must
 * never hand `ipcRenderer`, an event, or a channel name that the page chooses across to the page.
 */
import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge, FileBridge } from '../ipc/contract.ts';
import type { ChangeEvent } from '../ipc/view.ts';
import { callChannel, changeChannel, giveChannel, takeChannel } from './channel.ts';

const bridge: Bridge & FileBridge = {
  call: (name, args) => ipcRenderer.invoke(callChannel, name, args),
  give: (...step) => ipcRenderer.invoke(giveChannel, ...step),
  take: (name, args) => ipcRenderer.invoke(takeChannel, name, args),
  onChange(listener) {
    // The event itself carries a sender that can be answered; the page gets the change and nothing more.
    const hear = (_event: unknown, change: ChangeEvent) => listener(change);
    ipcRenderer.on(changeChannel, hear);
    return () => void ipcRenderer.removeListener(changeChannel, hear);
  },
};

contextBridge.exposeInMainWorld('muster', bridge);
