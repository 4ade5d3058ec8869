/** Where a person's device lies if nobody says otherwise. Pure: the mains hand in what they read. */
import { join } from 'node:path';

export interface Surroundings {
  readonly platform: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** `MUSTER_DIR`, else the folder this system gives programs for a user's own data. */
export function deviceDirOf({ platform, home, env }: Surroundings): string {
  const { MUSTER_DIR: chosen, APPDATA: roaming, XDG_DATA_HOME: shared } = env;
  if (chosen !== undefined && chosen !== '') return chosen;
  if (platform === 'win32') return join(roaming || join(home, 'AppData', 'Roaming'), 'Muster', 'device');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Muster', 'device');
  return join(shared || join(home, '.local', 'share'), 'muster', 'device');
}
