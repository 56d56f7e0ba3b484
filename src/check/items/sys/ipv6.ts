// SYS-016: the links have IPv6 if the certificate has an IPv6 subnet.

import { formatPrefix } from '../../../addr/prefix.ts'
import { ipv6Obstacle } from '../../../net/ipv6-obstacle.ts'
import { checkItem } from '../../item.ts'

export const ipv6Item = checkItem({
  id: 'SYS-016',
  title: "the certificate's IPv6 subnet can be used",
  fault: 'IPv6 cannot be used on this host',
  why:
    'Each container gets an address of each family in the certificate: ' +
    'without IPv6 on the links none starts.',
  causes: [
    'A hardening script or a cloud image disabled IPv6.',
    'tun.mtu or "mtu" was set below 1,280 bytes.',
  ],
  steps: ['sysctl net.ipv6.conf.all.disable_ipv6', 'ip link show'],
  needs: ['identity', 'settings', 'network', 'links', 'sysctls'],
  judge: ({ identity, settings, network, links, sysctls }) => {
    const subnet = identity.subnets.find(({ family }) => family === 6)
    if (subnet === undefined) return { verdict: 'skip', seen: 'the certificate has no IPv6 subnet' }
    const look = (name: string) => ({ name, disableIpv6: sysctls.get(`ipv6/conf/${name}/disable_ipv6`) })
    const { nebulaDev, mtuBytes } = network
    const obstacle = ipv6Obstacle({
      subnet: formatPrefix(subnet),
      isInKernel: sysctls.has('ipv6/conf/all/disable_ipv6'),
      mtuSetting: settings.mtu,
      mtuBytes,
      nebula: nebulaDev === undefined ? undefined : look(nebulaDev),
      bridge: links.some(({ name }) => name === settings.bridge) ? look(settings.bridge) : undefined,
    })
    if (obstacle !== undefined) return { verdict: 'fail', ...obstacle }
    return { verdict: 'ok', seen: `${formatPrefix(subnet)}, with an MTU of ${String(mtuBytes)} bytes` }
  },
})
