import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';

/** A file system of its own for a test. */
export interface Mounted {
  readonly folder: string;
  /** Unmounts; what was written and not flushed is lost if the power was cut before. */
  unmount(): void;
  mount(): void;
  remount(options: string): void;
  /** Unmounts and removes everything. */
  remove(): void;
}

/** File systems that can be made in a file, with the least that each can live in. */
export const LOOPS = {
  ext4: { size: 64, command: ['mkfs.ext4', '-q', '-F'] },
  xfs: { size: 320, command: ['mkfs.xfs', '-q', '-f'] },
} as const;

/** Why nothing can be mounted here; undefined = all is there. */
export function whyNoMount(tools: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'root is needed to mount file systems';
  const missing = tools.filter((tool) => spawnSync('sh', ['-c', 'command -v "$0"', tool]).status !== 0);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')} (apt-get install e2fsprogs xfsprogs)`;
}

/** A file system in a file of `size` MiB, behind a loop device that goes when it is unmounted. */
export function mountLoop(kind: keyof typeof LOOPS, folder: string, size: number = LOOPS[kind].size): Mounted {
  const image = `${folder}.image`;
  const { command } = LOOPS[kind];
  writeFileSync(image, '');
  truncateSync(image, size * 1024 * 1024);
  run([...command, image]);
  return mounted(folder, ['-o', 'loop', image], () => rmSync(image, { force: true }));
}

/** A file system in memory, `size` as in tmpfs(5). */
export function mountTmpfs(folder: string, size: string): Mounted {
  return mounted(folder, ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs'], () => {});
}

function mounted(folder: string, what: readonly string[], clean: () => void): Mounted {
  mkdirSync(folder, { recursive: true });
  let isMounted = false;
  const mount = (): void => {
    run(['mount', ...what, folder]);
    isMounted = true;
  };
  const unmount = (): void => {
    run(['umount', folder]);
    isMounted = false;
  };
  const remove = (): void => {
    left.delete(remove);
    // Lazily: whatever went wrong before, nothing may stay mounted.
    if (isMounted) run(['umount', '--lazy', folder]);
    clean();
    rmSync(folder, { recursive: true, force: true });
  };
  removeAtExit(remove);
  mount();
  return { folder, mount, unmount, remount: (options) => run(['mount', '-o', `remount,${options}`, folder]), remove };
}

const left = new Set<() => void>();

/** A test that is interrupted leaves nothing mounted either. */
function removeAtExit(remove: () => void): void {
  if (left.size === 0) {
    process.once('exit', () => {
      for (const each of left) each();
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  }
  left.add(remove);
}

/** Cuts the power of a file system: nothing more reaches its disk, what was not flushed is lost. Works for ext4 too. */
export function cutPower(folder: string): void {
  run(['xfs_io', '-x', '-c', 'shutdown', folder]);
}

function run([command = '', ...args]: readonly string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? stderr.trim()}`);
}
