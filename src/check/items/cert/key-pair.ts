// CERT-008: the private key matches the host certificate.

import { checkItem, type Finding } from '../../item.ts'

export const keyPairItem = checkItem({
  id: 'CERT-008',
  title: 'private key matches the host certificate',
  fault: 'private key does not match the host certificate',
  why: 'Nebula does not start with another key, and the agent cannot prove its identity to peers.',
  causes: [
    'A new certificate was put in place without its key, or the other way round.',
    'Nebula keeps its key elsewhere than /etc/nebula/host.key.',
  ],
  steps: [
    'put host.crt and host.key of the same signing in place together',
    'or set the path in /etc/flatnet/flatnet.json: {"nebula": {"key": "..."}}',
  ],
  needs: ['certificates'],
  after: ['SYS-002', 'CERT-001', 'CERT-002', 'CERT-003'],
  judge: ({ certificates: { key } }): Finding | readonly Finding[] => {
    const subject = 'host certificate'
    const { path, isThere, problem, matches } = key
    if (!isThere)
      return { verdict: 'warn', fault: 'private key is missing', subject, seen: `${path}: no such file` }
    if (problem !== undefined)
      return { verdict: 'fail', fault: 'private key cannot be read', subject, seen: problem }
    if (matches === undefined) return []
    return matches
      ? { verdict: 'ok', subject, seen: path }
      : { verdict: 'fail', subject, seen: `${path} is the key of another certificate` }
  },
})
