/**
 * A process that holds some of the demo's devices: real vaults, real links, the same ipc gate a window talks to. It
 * does nothing by itself but what a device does; people's behaviour is the demo's.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startConsole } from '../../console/start.ts';
import { drillId } from '../../core/id.ts';
import { loadSodium } from '../../core/sodium.ts';
import { makeDevice } from '../../responder/device.ts';
import { exportDrill } from '../../responder/evidence.ts';
import { createHost, type DeviceHost } from '../../responder/host.ts';
import { nodePorts } from '../../responder/node.ts';
import { leastCost } from '../../vault/stretch.ts';
import { hex } from '../../wire/bytes.ts';
import { CallerFault, Fault } from '../../wire/fault.ts';
import { type FromHost, type ToHost, toHost } from './talk.ts';

const assetsDir = fileURLToPath(new URL('../../../renderer', import.meta.url));
const hosts = new Map<string, DeviceHost>();

const tell = (message: FromHost): void => {
  process.send?.(message);
};

function hostOf(name: string): DeviceHost {
  const host = hosts.get(name);
  if (host === undefined) throw new CallerFault('not-found', `This process does not hold ${name}.`);
  return host;
}

async function carryOut(message: ToHost): Promise<unknown> {
  switch (message.type) {
    case 'make': {
      const { device: handle, name, dir, passphrase } = message;
      return hex(await makeDevice({ handle, name, dir, passphrase, nowMs: Date.now(), cost: leastCost }));
    }
    case 'open': {
      const host = createHost(
        message.dir,
        nodePorts(() => undefined),
        readFileSync(message.bundle),
      );
      hosts.set(message.device, host);
      await host.unlock(message.passphrase);
      return true;
    }
    case 'call':
      return hostOf(message.device).gate(message.call, message.args);
    case 'export': {
      const { device } = hostOf(message.device);
      if (device === undefined) throw new CallerFault('locked', 'This device is locked.');
      const { files } = await exportDrill(device, drillId.parse(message.drill), true);
      const { writePack } = await import('../../evidence/folder.ts');
      await writePack(message.out, files);
      return [...files.keys()].length;
    }
    case 'window':
      return (await startConsole({ host: hostOf(message.device), assetsDir })).url;
    default:
      return message satisfies never;
  }
}

process.on('message', (raw: unknown) => {
  const message = toHost.parse(raw);
  carryOut(message).then(
    (value) => tell({ type: 'done', id: message.id, value }),
    (error: unknown) => {
      const fault =
        error instanceof Fault ? { code: error.code, text: error.message } : { code: 'broken', text: String(error) };
      tell({ type: 'failed', id: message.id, ...fault });
    },
  );
});
// The demo is gone: so are its devices.
process.on('disconnect', () => process.exit(0));
// Ctrl-C goes to the whole group; the demo decides what ends when.
process.on('SIGINT', () => undefined);
await loadSodium();
tell({ type: 'ready' });
