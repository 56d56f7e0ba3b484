// IPAM-007: the bridge exists, is up, and has the addresses that containers use as their gateway.

import { checkItem } from '../../item.ts'

export const bridgeAddresses = checkItem({
  id: 'IPAM-007',
  title: 'bridge is up and has its address',
  fault: 'bridge is missing, down or without its address',
  why:
    "The bridge's address is every container's gateway: without it containers reach nothing " +
    'beyond this host.',
  causes: [
    'Something deleted the bridge, set it down or removed its address, such as a network manager.',
    'Another link has the name of the bridge, or udev gave it to one as an alternative name.',
    'The certificate was signed again with another subnet, and no container has started since.',
  ],
  steps: ['flatnet-cni sync'],
  needs: ['bridge'],
  after: ['SYS-016'],
  judge: ({ bridge: { name, exists, isUp, isNeeded, addresses, wantedAddresses, obstacle } }) => {
    const next = ['flatnet-cni sync']
    if (obstacle !== undefined) {
      const rename = 'or set another name with "bridge" in /etc/flatnet/flatnet.json'
      return {
        verdict: 'fail',
        fault: 'bridge cannot be made',
        seen: `${obstacle.problem}: no container starts`,
        next: [obstacle.remedy, rename],
      }
    }
    if (!exists) {
      return isNeeded
        ? {
            verdict: 'fail',
            fault: 'bridge is missing',
            seen: `there is no bridge ${name}, though containers run`,
            next,
          }
        : { verdict: 'skip', seen: `there is no bridge ${name} yet; the first ADD makes it` }
    }
    if (!isUp)
      return {
        verdict: 'fail',
        fault: 'bridge is down',
        seen: `${name} is down`,
        next: [`ip link set ${name} up`],
      }
    if (wantedAddresses.length === 0)
      return { verdict: 'skip', seen: 'the certificate of this host is not valid' }
    const missing = wantedAddresses.filter((address) => !addresses.includes(address))
    if (missing.length > 0) {
      const has = addresses.length === 0 ? 'none' : addresses.join(', ')
      return {
        verdict: 'fail',
        fault: 'bridge lacks its address',
        seen: `${name} lacks ${missing.join(' and ')}; it has ${has}`,
        next,
      }
    }
    return { verdict: 'ok', seen: `${name} is up with ${wantedAddresses.join(', ')}` }
  },
  fix: ({ bridge: { name, obstacle } }, finding) =>
    finding.verdict === 'fail' && obstacle === undefined
      ? {
          kind: 'sync',
          arguments: [],
          what: `repair ${name} (flatnet-cni sync)`,
          undo: 'not needed: every container start does the same',
        }
      : undefined,
})
