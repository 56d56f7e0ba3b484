// CERT-009: nobody else reads the key.

import { checkItem, type Finding } from '../../item.ts'

export const keyModeItem = checkItem({
  id: 'CERT-009',
  title: 'private key is readable by root alone',
  why: 'Whoever has the key is this host: gets its addresses and reads what is sent to it.',
  causes: ['It was copied from Windows, where every file comes with mode 777.'],
  steps: ['chown root:root /etc/nebula/host.key && chmod 600 /etc/nebula/host.key'],
  needs: ['certificates'],
  after: ['CERT-008'],
  judge: ({ certificates: { key } }): Finding | readonly Finding[] => {
    const { path, isThere, mode, uid } = key
    if (!isThere) return []
    const seen = `${path}: mode ${mode.toString(8).padStart(3, '0')}, user ${String(uid)}`
    if ((mode & 0o077) === 0 && uid === 0) return { verdict: 'ok', seen }
    return { verdict: 'warn', seen, next: [`chown root:root ${path} && chmod 600 ${path}`] }
  },
  fix: ({ certificates: { key } }) => ({
    kind: 'mode',
    arguments: [key.path, '600'],
    what: `make ${key.path} readable by its owner alone`,
    undo: `chmod ${key.mode.toString(8).padStart(3, '0')} ${key.path}`,
  }),
})
