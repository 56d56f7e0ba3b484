// Adds to a root for podman 5 what Debian's packages lack: podman's settings, users, and busybox for the
// usual commands.

import { existsSync } from 'node:fs'
import { mkdir, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

// For a machine without systemd and with both cgroup versions mounted. vfs, because overlays cannot be
// nested. NET_RAW, the last capability, is not podman's default: busybox's ping needs it.
const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/hosts': '127.0.0.1 localhost\n',
  'etc/resolv.conf': 'nameserver 192.0.2.53\n',
  'etc/containers/policy.json': '{"default": [{"type": "insecureAcceptAnything"}]}\n',
  'etc/containers/storage.conf': `[storage]
driver = "vfs"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
`,
  'etc/containers/containers.conf': `[engine]
runtime = "crun"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
cgroups = "disabled"
log_driver = "k8s-file"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
default_capabilities = [
  "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP",
  "SETUID", "SYS_CHROOT", "NET_RAW"
]
`,
}

const APPLETS =
  'sh awk basename cat chmod cp cut date dirname echo env expr false find grep head hostname httpd id kill ' +
  'killall ln ls mkdir mktemp mount mv nc nslookup od ping ping6 printf ps pwd readlink rm rmdir sed sleep ' +
  'sort stat stty tail tee test timeout touch tr true umount uname uniq wc wget which xargs'

/** Adds them to an unpacked root. */
export async function writeRootFiles(tree: string): Promise<void> {
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(join(tree, path, '..'), { recursive: true })
    await writeFile(join(tree, path), text)
  }
  const bin = join(tree, 'usr/bin')
  for (const applet of APPLETS.split(' ')) {
    if (!existsSync(join(bin, applet)) && !(await isLink(join(bin, applet))))
      await symlink('busybox', join(bin, applet))
  }
}

// A link into the root looks dangling from outside.
async function isLink(path: string): Promise<boolean> {
  return readlink(path).then(
    () => true,
    () => false,
  )
}
