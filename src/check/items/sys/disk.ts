// SYS-015: the state folders have room.

import { checkItem, type Finding } from '../../item.ts'

// A lease and a record take two blocks and two inodes; below this limit only an ADD or two still succeed.
const FAIL = { bytes: 1 << 20, inodes: 64 }
const WARN = { bytes: 50 << 20, inodes: 1000 }

export const diskItem = checkItem({
  id: 'SYS-015',
  title: 'state folders have space and can be written',
  fault: 'state folder is full',
  why: 'A lease is a file, so an ADD that cannot write it fails. DEL still releases addresses.',
  causes: ['Images or logs filled the disk.', 'A disk with errors was remounted read-only.'],
  steps: ['df -h; df -i', 'podman system prune, or: nerdctl system prune'],
  needs: ['disks'],
  after: ['SYS-002'],
  pre: true,
  judge: ({ disks }) =>
    disks.map(({ use, path, freeBytes, freeInodes, problem }): Finding => {
      const subject = `${use} ${path}`
      const inodes = freeInodes === undefined ? '' : `, ${String(freeInodes)} inodes`
      const seen = `${String(Math.floor(freeBytes / (1 << 20)))} MiB${inodes} free`
      if (problem?.includes('EROFS') === true) {
        const next = [`mount -o remount,rw on the file system of ${path}; dmesg says why it was remounted`]
        const seen = `its file system is mounted read-only (${problem})`
        return { verdict: 'fail', fault: 'state folder is read-only', subject, seen, next }
      }
      if (problem !== undefined && !/ENOSPC|EDQUOT/.test(problem)) {
        const next = [
          `ls -ld ${path}; findmnt -T ${path}`,
          `set another "${use}" in /etc/flatnet/flatnet.json`,
        ]
        return { verdict: 'fail', fault: 'state folder cannot be written', subject, seen: problem, next }
      }
      const isBelow = ({ bytes, inodes: least }: typeof FAIL): boolean =>
        freeBytes < bytes || (freeInodes !== undefined && freeInodes < least)
      if (problem !== undefined) return { verdict: 'fail', subject, seen: problem }
      if (isBelow(FAIL)) return { verdict: 'fail', subject, seen: `only ${seen}` }
      if (isBelow(WARN))
        return { verdict: 'warn', fault: 'state folder is nearly full', subject, seen: `only ${seen}` }
      return { verdict: 'ok', subject, seen }
    }),
})
