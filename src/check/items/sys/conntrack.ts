// SYS-012: room in the table of connections.

import { checkItem, type Finding } from '../../item.ts'

const WARN_PART = 0.8
const FAIL_PART = 0.98

export const conntrackItem = checkItem({
  id: 'SYS-012',
  title: 'connection table has room',
  why: 'Every connection that is masqueraded or goes to a published port has an entry. When the table is full the kernel drops new ones ("nf_conntrack: table full, dropping packet").',
  causes: [
    'Many short connections.',
    'A scan or a loop of retries.',
    'A limit that was set low for a small machine.',
  ],
  steps: [
    'sysctl -w net.netfilter.nf_conntrack_max=262144',
    'see who fills it: cut -d" " -f9- /proc/net/nf_conntrack | sort | uniq -c | sort -n | tail',
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
    return { verdict: part >= FAIL_PART ? 'fail' : part >= WARN_PART ? 'warn' : 'ok', seen }
  },
})
