// CERT-008: certificate and key belong together.

import { checkItem, type Finding } from '../../item.ts'

export const keyPairItem = checkItem({
  id: 'CERT-008',
  title: 'private key belongs to the certificate',
  why: 'Nebula does not start with another key, and the agent cannot prove to its peers who it is.',
  causes: [
    'A new certificate was put in place and the key was not, or the other way round.',
    'Nebula has its key elsewhere than /etc/nebula/host.key.',
  ],
  steps: [
    'put host.crt and host.key of one signing in place together',
    'or set the path in /etc/flatnet/flatnet.json: {"nebula": {"key": "..."}}',
  ],
  needs: ['certificates'],
  after: ['SYS-002', 'CERT-001', 'CERT-002', 'CERT-003'],
  judge: ({ certificates: { key } }): Finding | readonly Finding[] => {
    const subject = 'host certificate'
    const { path, isThere, problem, matches } = key
    if (!isThere) return { verdict: 'warn', subject, seen: `${path}: no such file` }
    if (problem !== undefined) return { verdict: 'fail', subject, seen: problem }
    if (matches === undefined) return []
    return matches
      ? { verdict: 'ok', subject, seen: path }
      : { verdict: 'fail', subject, seen: `${path} is the key of another certificate` }
  },
})
