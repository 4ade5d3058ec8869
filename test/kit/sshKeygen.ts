/**
 * The real ssh-keygen, for tests that ask a stranger's tool instead of our own code. Looked for, and on Debian as
 * root installed; if none can be had the test fails with a line that says how to get one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const isThere = (program: string): boolean => spawnSync(program, ['-?'], { stdio: 'ignore' }).error === undefined;

let provisioned = false;

function provision(): void {
  if (provisioned) return;
  if (!isThere('ssh-keygen') && existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'openssh-client'], {
      env,
      stdio: 'ignore',
    });
  }
  if (!isThere('ssh-keygen')) {
    throw new Error('ssh-keygen was not found: install OpenSSH (on Debian and Ubuntu: apt-get install openssh-client)');
  }
  provisioned = true;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function sshKeygen(
  args: readonly string[],
  options: { readonly cwd: string; readonly input?: string | Uint8Array },
): Ran {
  provision();
  const { status, stdout, stderr } = spawnSync('ssh-keygen', [...args], { ...options, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Commands in bash, as a reader of VERIFY.md pastes them. */
export function inBash(commands: string, cwd: string): Ran {
  provision();
  const { status, stdout, stderr } = spawnSync('bash', ['-c', commands], { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}
