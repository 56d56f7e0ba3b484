// SYS-012: the connection tracking table has room.

import { checkItem, type Finding } from '../../item.ts'

const WARN_PART = 0.8
const FAIL_PART = 0.98

export const conntrackItem = checkItem({
  id: 'SYS-012',
  title: 'connection tracking table has room',
  fault: 'connection tracking table is full',
  why:
    'Every masqueraded connection and every connection to a published port takes an entry. ' +
    'When the table is full, the kernel drops new connections ("nf_conntrack: table full, dropping packet").',
  causes: [
    'There are many short connections.',
    'A scan or a loop of retries opens connections.',
    'The limit was set low for a small machine.',
  ],
  steps: [
    'sysctl -w net.netfilter.nf_conntrack_max=262144',
    'find what fills it: cut -d" " -f9- /proc/net/nf_conntrack | sort | uniq -c | sort -n | tail',
  ],
  needs: ['sysctls'],
  judge: ({ sysctls }): Finding | readonly Finding[] => {
    const [count, most] = ['count', 'max'].map((name) =>
      Number(sysctls.get(`netfilter/nf_conntrack_${name}`)),
    )
    if (count === undefined || most === undefined || Number.isNaN(count) || !(most > 0))
      return { verdict: 'ok', seen: 'connection tracking is not loaded' }
    const part = count / most
    const seen = `${String(count)} of ${String(most)} entries are in use`
    if (part >= FAIL_PART) return { verdict: 'fail', seen }
    if (part >= WARN_PART) return { verdict: 'warn', fault: 'connection tracking table is nearly full', seen }
    return { verdict: 'ok', seen }
  },
})
