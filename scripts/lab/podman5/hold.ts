// A host that runs Debian's podman 5: another root file system over an existing network namespace. Debian
// 13's programs do not run on Debian 12's C library, so the process that holds the host moves to their root
// with pivot_root(2).

import { randomUUID } from 'node:crypto'
import { hold } from '../host/hold.ts'
import type { ProcessMark } from '../process.ts'

/** The parts of a host. Its disk outlives it. */
interface Podman5Host {
  /** Path of the network namespace. */
  readonly netns: string
  readonly name: string
  /** The root that {@link fetchPodman5} unpacked; it stays unchanged. */
  readonly tree: string
  /** A folder on a file system that can be the upper layer of an overlay (not on an overlay itself). */
  readonly disk: string
  /**
   * Files and folders of the machine that the host sees under the same path, and others under a different
   * one.
   */
  readonly binds: readonly (readonly [from: string, to: string])[]
}

// podman keeps its locks in /dev/shm, so the host has its own; the rest of /dev is the machine's. `tini` is
// process 1 to reap conmon and other orphans.
const HOLD = `set -eu
tree=$1 disk=$2 name=$3 boot_id=$4
shift 4
read -r pid rest < /proc/self/stat
mkdir -p "$disk/upper" "$disk/work" "$disk/root"
mount -t overlay -o "lowerdir=$tree,upperdir=$disk/upper,workdir=$disk/work" overlay "$disk/root"
cd "$disk/root"
mkdir -p proc sys dev run tmp old
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir run/netns run/lock
while [ $# -gt 0 ]; do
  mkdir -p ".\${2%/*}"
  if [ -d "$1" ]; then mkdir -p ".$2"; else [ -e ".$2" ] || : > ".$2"; fi
  mount --bind "$1" ".$2"
  shift 2
done
echo "$boot_id" > run/boot_id
mount --bind run/boot_id proc/sys/kernel/random/boot_id
pivot_root . old
umount -l old
echo "$name" > /proc/sys/kernel/hostname
echo "$pid"
exec /usr/bin/tini -s -- /bin/sh -c 'while :; do sleep 1000000; done'`

/**
 * Starts a host.
 * @returns the process that holds it, by its ID outside. Killing it ends everything in the host, like a power
 * cut.
 * @throws Error with the shell's output when the host could not be made
 */
export async function holdPodman5(host: Podman5Host): Promise<ProcessMark> {
  return await hold({
    name: host.name,
    netns: host.netns,
    script: HOLD,
    args: [host.tree, host.disk, host.name, randomUUID(), ...host.binds.flat()],
  })
}
