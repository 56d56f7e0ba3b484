// IPAM-008: every container's link is on its bridge.

import { checkItem } from '../../item.ts'

export const strays = checkItem({
  id: 'IPAM-008',
  title: "every container's link is on the bridge",
  fault: "container's link is not on its bridge",
  why: 'A container whose link is on no bridge reaches nothing, though it runs and has its address.',
  causes: ['The link was moved.', 'The bridge was deleted, and nothing from flatnet has run since.'],
  steps: ['flatnet-cni sync', 'or: ip link set LINK master flatnet0'],
  needs: ['bridge'],
  after: ['IPAM-007'],
  judge: ({ bridge: { strays: found, ports } }) => {
    if (found.length === 0) return { verdict: 'ok', seen: `${String(ports)} links, all on the bridge` }
    return found.map(({ link, attachment, bridge, master }) => ({
      verdict: 'fail' as const,
      subject: attachment,
      seen: `its link ${link} is on ${master ?? 'no bridge'} instead of ${bridge}`,
      next: [`ip link set ${link} master ${bridge}`],
    }))
  },
  fix: ({ bridge: { strays: found } }, finding) => {
    const stray = found.find(({ attachment }) => attachment === finding.subject)
    if (stray === undefined) return undefined
    const { link, bridge, master } = stray
    return {
      kind: 'master',
      arguments: [link, bridge],
      what: `put ${link} on ${bridge}`,
      undo: master === undefined ? `ip link set ${link} nomaster` : `ip link set ${link} master ${master}`,
    }
  },
})
