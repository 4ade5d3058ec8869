/** A comparison with other software needs a network, and says so where there is none. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../shape/kit.ts';

it('names what it could not install, fails, and leaves nothing behind', () => {
  const home = mkdtempSync(join(tmpdir(), 'muster-test-'));
  try {
    const run = spawnSync(process.execPath, [join(root, 'test/bench/main.mjs'), 'crypto'], {
      encoding: 'utf8',
      env: {
        ...process.env,
        TMPDIR: home,
        TEMP: home,
        npm_config_offline: 'true',
        npm_config_cache: join(home, 'npm'),
      },
    });
    expect(run.stderr).toMatch(/could not install .*@signalapp\/libsignal-client@.*is there a network\?/);
    expect(run.status).toBe(69);
    expect(run.stdout).toBe('');
    expect(readdirSync(home).filter((name) => name.startsWith('muster-bench-'))).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
