// AGENT-012: the other hosts know the containers of this host.

import { checkItem, type Finding } from '../../item.ts'

export const told = checkItem({
  id: 'AGENT-012',
  title: 'containers of this host are told to the others',
  fault: 'a container of this host is not told to the others',
  why: 'A container that is not told is missing from ps --all on the other hosts.',
  causes: [
    'The container got its address from an earlier certificate with another subnet.',
    'The other host does not have the current certificate of this host yet.',
  ],
  steps: ['restart the container, so that it gets an address of the current subnet'],
  needs: ['agent'],
  after: ['AGENT-001', 'CERT-003'],
  judge: ({ agent: { status } }) => {
    if (status === undefined) return { verdict: 'skip', seen: 'the agent does not answer' }
    const { registry } = status
    if (registry === undefined) return { verdict: 'skip', seen: 'the agent does not report it' }
    const findings: Finding[] = registry.untold.map((seen) => ({ verdict: 'warn', seen }))
    for (const { name, refusal } of registry.hosts)
      if (refusal !== null)
        findings.push({
          verdict: 'warn',
          fault: "a host refuses this host's containers",
          subject: name,
          seen: refusal,
          next: [`flatnet-cni check --peer ${name}`],
        })
    const own = registry.hosts.find(({ isOwn }) => isOwn)?.containers ?? 0
    return findings.length > 0 ? findings : { verdict: 'ok', seen: `${String(own)} containers` }
  },
})
