// A stand-in for WSL2: a network namespace, and namespaces for mounts, processes, IPC and the host name,
// held by one process. Ending that process ends everything in the host (pid_namespaces(7)), as `wsl
// --shutdown` does; the disk remains.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { OVERLAID, OWN } from './disk.ts'
import { hold } from './hold.ts'
import { endProcess, type ProcessMark } from '../process.ts'
import type { HostPlan } from '../topology.ts'

// Runs as the first process of the new namespaces: mounts the host's view of the files, prints its process
// ID, then waits and reaps. /proc belongs to the machine until it is replaced, so the ID read from it is
// the one that processes outside know.
const HOLD = `set -eu
disk=$1 name=$2 boot_id=$3
read -r pid rest < /proc/self/stat
mount -t proc proc /proc
for folder in ${OVERLAID.join(' ')}; do
  layers=lowerdir=/$folder,upperdir=$disk/upper/$folder,workdir=$disk/overlay-work/$folder
  mount -t overlay -o "$layers" overlay "/$folder"
done
for folder in ${OWN.join(' ')}; do
  mkdir -p "/$folder"
  mount --bind "$disk/own/$folder" "/$folder"
done
# Other labs' folders and namespaces must not stay in use through this host's view of them.
for made in /run/netns /run/flatnet-lab/*; do umount -l -R "$made" 2>/dev/null || :; done
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir /run/netns /run/lock /run/cgroup
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
# /sys shows the network namespace that it was mounted in.
mount --rbind /sys/fs/cgroup /run/cgroup
mount -t sysfs sysfs /sys
mount --rbind /run/cgroup /sys/fs/cgroup
umount -l -R /run/cgroup
rmdir /run/cgroup
# A new boot is a new boot ID. proc_sys_kernel(5), random/boot_id.
echo "$boot_id" > /run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
echo "$name" > /proc/sys/kernel/hostname
echo "$pid"
while :; do
  sleep 1000000 &
  wait $! || :
done`

/**
 * Starts a host whose network namespace and disk exist.
 * @returns the process that holds it, by its ID outside the host
 * @throws Error with the shell's output when the host could not be made
 */
export async function startHost(host: Pick<HostPlan, 'name' | 'netns'>, disk: string): Promise<ProcessMark> {
  return await hold({
    name: host.name,
    netns: `/run/netns/${host.netns}`,
    script: HOLD,
    args: [disk, host.name, randomUUID()],
  })
}

/** Ends everything in the host immediately. */
export async function stopHost(holder: ProcessMark): Promise<void> {
  await endProcess(holder)
}

/** Returns the folder with a host's files, as seen from outside. */
export function hostDisk(labFolder: string, host: HostPlan): string {
  return join(labFolder, host.name)
}
