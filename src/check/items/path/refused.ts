// PATH-001: every peer's certificate is accepted.

import { checkItem } from '../../item.ts'

export const refused = checkItem({
  id: 'PATH-001',
  title: "every peer's certificate is accepted",
  fault: "peer's certificate is refused",
  why: 'A refused peer gets no route: its containers and those here do not reach each other.',
  causes: ["A peer's certificate has expired or is from another CA, or its subnet overlaps another host's."],
  steps: ["have that host's certificate signed again, or remove its file from /etc/flatnet/peers.d"],
  needs: ['paths'],
  after: ['CERT-013', 'CERT-014'],
  judge: ({ paths }) =>
    paths.refused.length === 0
      ? { verdict: 'ok', seen: `${String(paths.peers.length)} peers, none refused` }
      : paths.refused.map(({ peer, reason }) => ({
          verdict: 'fail',
          subject: peer,
          seen: reason,
          next: ["have that host's certificate signed again, or remove its file from /etc/flatnet/peers.d"],
        })),
})
