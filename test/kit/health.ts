/** Asks a relay how it is, as a monitor does. */
import { request } from 'node:https';

export interface Health {
  readonly status: number;
  readonly text: string;
}

export function askHealth(port: number, path = '/healthz', method = 'GET'): Promise<Health> {
  return new Promise((resolve, reject) => {
    // A certificate made by the relay itself; pins are tested with the link.
    const asking = request({ host: '127.0.0.1', port, path, method, rejectUnauthorized: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end();
  });
}
