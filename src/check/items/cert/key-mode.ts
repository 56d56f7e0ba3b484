// CERT-009: nobody else reads the key.

import { checkItem, type Finding } from '../../item.ts'

export const keyModeItem = checkItem({
  id: 'CERT-009',
  title: 'private key is readable by root and Nebula alone',
  why: 'Whoever has the key is this host: gets its addresses and reads what is sent to it.',
  causes: ['It was copied from Windows, where every file comes with mode 777.'],
  steps: ['chown root:root /etc/nebula/host.key && chmod 600 /etc/nebula/host.key'],
  needs: ['certificates', 'nebula'],
  judge: ({ certificates: { key }, nebula: { own } }): Finding | readonly Finding[] => {
    const { path, isThere, mode, uid } = key
    if (!isThere) return []
    const seen = `${path}: mode ${octal(mode)}, user ${String(uid)}`
    // A Nebula that runs as a user of its own has to read it, as its owner or by its group.
    const user = own?.uid ?? 0
    const isOwners = uid === 0 || uid === user
    if (isOwners && (mode & (user === 0 ? 0o077 : 0o027)) === 0) return { verdict: 'ok', seen }
    if (user === 0) return { verdict: 'warn', seen, next: [`chown root:root ${path} && chmod 600 ${path}`] }
    const next = [`chown ${String(user)} ${path} && chmod 600 ${path}   # the user of the Nebula that runs`]
    return { verdict: 'warn', seen, next }
  },
  // The mode alone does not help where the owner is wrong, and would stop a Nebula that is not root.
  fix: ({ certificates: { key }, nebula: { own } }) =>
    key.uid === 0 && (own?.uid ?? 0) === 0 && (key.mode & 0o077) !== 0
      ? {
          kind: 'mode',
          arguments: [key.path, '600'],
          what: `make ${key.path} readable by its owner alone`,
          undo: `chmod ${octal(key.mode)} ${key.path}`,
        }
      : undefined,
})

function octal(mode: number): string {
  return mode.toString(8).padStart(3, '0')
}
