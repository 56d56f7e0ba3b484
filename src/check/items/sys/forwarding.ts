// SYS-008: packets may pass through this host.

import { checkItem, type Finding } from '../../item.ts'

const SWITCHES = {
  4: 'ipv4/ip_forward',
  6: 'ipv6/conf/all/forwarding',
} as const

export const forwardingItem = checkItem({
  id: 'SYS-008',
  title: 'forwarding is switched on',
  why: 'Between a container and everything that is not on its own host stands the host as a router. With forwarding off it drops all of it.',
  causes: [
    'sysctl --system, a hardening script or another network program switched it off after the last ADD.',
    'Nothing of flatnet has run since the boot: each ADD and `flatnet-cni sync` switch it on.',
  ],
  steps: ['sysctl -w net.ipv4.ip_forward=1'],
  needs: ['sysctls', 'identity', 'settings', 'links'],
  judge: ({ sysctls, identity, settings, links }) =>
    identity.subnets.map(({ family }): Finding => {
      const name = SWITCHES[family]
      const shown = `net.${name.replaceAll('/', '.')}`
      const subject = `IPv${String(family)}`
      if (sysctls.get(name) === '1') return { verdict: 'ok', subject, seen: `${shown} = 1` }
      const seen = `${shown} = ${sysctls.get(name) ?? 'not there'}`
      // Without the bridge no container has been started yet, and the first ADD switches it on.
      if (!links.some((link) => link.name === settings.bridge))
        return { verdict: 'ok', subject, seen: `${seen}; the first ADD switches it on` }
      return { verdict: 'fail', subject, seen, next: [`sysctl -w ${shown}=1`] }
    }),
  fix: ({ sysctls }, { subject }) => {
    const name = subject === 'IPv6' ? SWITCHES[6] : SWITCHES[4]
    const shown = `net.${name.replaceAll('/', '.')}`
    return {
      kind: 'sysctl',
      arguments: [name, '1'],
      what: `set ${shown} to 1`,
      undo: `sysctl -w ${shown}=${sysctls.get(name) ?? '0'}`,
    }
  },
})
