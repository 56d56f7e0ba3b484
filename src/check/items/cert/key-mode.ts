// CERT-009: only root and Nebula can read the private key.

import { checkItem, type Finding } from '../../item.ts'

export const keyModeItem = checkItem({
  id: 'CERT-009',
  title: 'only root and Nebula can read the private key',
  fault: 'private key is readable by other users',
  why: 'A user who can read the key can pose as this host: take its addresses and read what is sent to it.',
  causes: ['It was copied from Windows, where every file gets mode 777.'],
  steps: ['chown root:root /etc/nebula/host.key && chmod 600 /etc/nebula/host.key'],
  needs: ['certificates', 'nebula'],
  judge: ({ certificates: { key }, nebula: { own } }): Finding | readonly Finding[] => {
    const { path, isThere, mode, uid } = key
    if (!isThere) return []
    const seen = `${path}: mode ${octal(mode)}, user ${String(uid)}`
    // A Nebula with its own user must be able to read the key, as owner or via its group.
    const user = own?.uid ?? 0
    const isOwners = uid === 0 || uid === user
    if (isOwners && (mode & (user === 0 ? 0o077 : 0o027)) === 0) return { verdict: 'ok', seen }
    if (user === 0) return { verdict: 'warn', seen, next: [`chown root:root ${path} && chmod 600 ${path}`] }
    const next = [`chown ${String(user)} ${path} && chmod 600 ${path}   # the user that Nebula runs as`]
    return { verdict: 'warn', seen, next }
  },
  // Changing the mode does not help if the owner is wrong, and would stop a Nebula that does not run as root.
  fix: ({ certificates: { key }, nebula: { own } }) =>
    key.uid === 0 && (own?.uid ?? 0) === 0 && (key.mode & 0o077) !== 0
      ? {
          kind: 'mode',
          arguments: [key.path, '600'],
          what: `let only its owner read ${key.path}`,
          undo: `chmod ${octal(key.mode)} ${key.path}`,
        }
      : undefined,
})

function octal(mode: number): string {
  return mode.toString(8).padStart(3, '0')
}
