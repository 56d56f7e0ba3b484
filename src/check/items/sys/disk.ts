// SYS-015: room for state.

import { checkItem, type Finding } from '../../item.ts'

// A lease and a record take two blocks and two inodes; below this an ADD or two and it is over.
const FAIL = { bytes: 1 << 20, inodes: 64 }
const WARN = { bytes: 50 << 20, inodes: 1000 }

export const diskItem = checkItem({
  id: 'SYS-015',
  title: 'state folders have room and can be written',
  why: 'A lease is a file: an ADD that cannot write it fails. DEL still gives addresses back.',
  causes: ['Images or logs filled the disk.', 'A disk with errors was remounted read-only.'],
  steps: ['df -h; df -i', 'podman system prune, or: nerdctl system prune'],
  needs: ['disks'],
  pre: true,
  judge: ({ disks }) =>
    disks.map(({ use, path, freeBytes, freeInodes, isReadOnly }): Finding => {
      const subject = `${use} ${path}`
      const inodes = freeInodes === undefined ? '' : `, ${String(freeInodes)} inodes`
      const seen = `${String(Math.floor(freeBytes / (1 << 20)))} MiB${inodes} free`
      if (isReadOnly) {
        const next = [`mount -o remount,rw on the file system of ${path}; dmesg says why it was remounted`]
        return { verdict: 'fail', subject, seen: 'its file system is mounted read-only', next }
      }
      const isBelow = ({ bytes, inodes: least }: typeof FAIL): boolean =>
        freeBytes < bytes || (freeInodes !== undefined && freeInodes < least)
      return {
        verdict: isBelow(FAIL) ? 'fail' : isBelow(WARN) ? 'warn' : 'ok',
        subject,
        seen: `only ${seen}`.slice(isBelow(WARN) ? 0 : 5),
      }
    }),
})
