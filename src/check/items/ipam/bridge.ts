// IPAM-007: the bridge is there, up, and has the addresses that containers use as their gateway.

import { checkItem } from '../../item.ts'

export const bridgeAddresses = checkItem({
  id: 'IPAM-007',
  title: 'bridge is up and has its address',
  why: "The bridge's address is every container's gateway: without it they reach nothing beyond this host.",
  causes: [
    'Somebody or a network manager deleted the bridge, set it down, or took its address.',
    'The certificate was signed again with another subnet and no container has started since.',
  ],
  steps: ['flatnet-cni sync'],
  needs: ['bridge'],
  judge: ({ bridge: { name, exists, isUp, isNeeded, addresses, wantedAddresses } }) => {
    const next = ['flatnet-cni sync']
    if (!exists) {
      return isNeeded
        ? { verdict: 'fail', seen: `there is no bridge ${name}, though containers run`, next }
        : { verdict: 'skip', seen: `there is no bridge ${name} yet; the first container makes it` }
    }
    if (!isUp) return { verdict: 'fail', seen: `${name} is down`, next: [`ip link set ${name} up`] }
    if (wantedAddresses.length === 0)
      return { verdict: 'skip', seen: 'the certificate of this host is not to be believed' }
    const missing = wantedAddresses.filter((address) => !addresses.includes(address))
    if (missing.length > 0) {
      const has = addresses.length === 0 ? 'none' : addresses.join(', ')
      return {
        verdict: 'fail',

        seen: `${name}: address ${missing.join(' and ')} is missing, it has ${has}`,
        next,
      }
    }
    return { verdict: 'ok', seen: `${name} is up with ${wantedAddresses.join(', ')}` }
  },
  fix: ({ bridge: { name } }, finding) =>
    finding.verdict === 'fail'
      ? {
          kind: 'sync',
          arguments: [],
          what: `put ${name} right (flatnet-cni sync)`,
          undo: 'none needed: it is what every container start does',
        }
      : undefined,
})
