/** Where the shell gets its device from: the one line that changes when the responder is there. */
import type { WindowHost } from '../ipc/host.ts';
import { Broken } from '../wire/fault.ts';

export async function openWindowHost(): Promise<WindowHost> {
  throw new Broken('broken', 'The responder is not plugged into the desktop shell yet. Use the console: npm start');
}
