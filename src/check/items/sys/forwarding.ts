// SYS-008: this host forwards packets.

import type { Family } from '../../../addr/ip.ts'
import type { Facts } from '../../facts.ts'
import { checkItem, type Finding } from '../../item.ts'
import { linkSysctl, ourLinks } from '../../our-links.ts'

const SWITCHES = {
  4: 'ipv4/ip_forward',
  6: 'ipv6/conf/all/forwarding',
} as const

export const forwardingItem = checkItem({
  id: 'SYS-008',
  title: 'forwarding is enabled',
  fault: 'forwarding is disabled',
  why:
    'The host routes between its containers and everything beyond it. ' +
    'With forwarding disabled it silently drops all of that traffic.',
  causes: [
    'sysctl --system, a hardening script or another network program disabled it after the last ADD.',
    'Nothing from flatnet has run since the boot: each ADD and `flatnet-cni sync` enable it.',
  ],
  steps: ['flatnet-cni sync', 'or: sysctl -w net.ipv4.ip_forward=1'],
  needs: ['sysctls', 'identity', 'settings', 'links', 'network'],
  judge: ({ sysctls, identity, settings, links, network }) => {
    const { bridge } = settings
    // Without the bridge no container has been started yet; the first ADD enables forwarding.
    const isNeeded = links.some((link) => link.name === bridge)
    return identity.subnets.flatMap(({ family }): readonly Finding[] => {
      const whole = wholeHost(family, sysctls, isNeeded)
      if (whole.verdict === 'fail' || !isNeeded) return [whole]
      const isOff = (link: string): boolean => sysctls.get(nameOf(link, family)) === '0'
      const off = (family === 4 ? ourLinks(bridge, network) : [bridge]).filter(isOff)
      return off.length === 0 ? [whole] : off.map((link) => (family === 4 ? dropsOn(link) : isHostOn(link)))
    })
  },
  fix: ({ sysctls }, { subject = '' }) => {
    const family = ([4, 6] as const).find((each) => subject === `IPv${String(each)}`)
    const isSix = subject.endsWith(ON_SIX)
    const link = subject.replace(ON_SIX, '')
    const name = family === undefined ? nameOf(link, isSix ? 6 : 4) : SWITCHES[family]
    const shown = family === undefined ? linkSysctl(link, 'forwarding', isSix ? 6 : 4) : shownName(family)
    return {
      kind: 'sysctl',
      arguments: [name, '1'],
      what: `set ${shown} to 1`,
      undo: `sysctl -w ${shown}=${sysctls.get(name) ?? '0'}`,
    }
  },
})

const ON_SIX = ', IPv6'

function wholeHost(family: Family, sysctls: Facts['sysctls'], isNeeded: boolean): Finding {
  const shown = shownName(family)
  const subject = `IPv${String(family)}`
  const value = sysctls.get(SWITCHES[family])
  if (value === '1') return { verdict: 'ok', subject, seen: `${shown} = 1` }
  const seen = `${shown} = ${value ?? 'missing'}`
  if (!isNeeded) return { verdict: 'ok', subject, seen: `${seen}; the first ADD enables it` }
  return { verdict: 'fail', subject, seen, next: [`sysctl -w ${shown}=1`] }
}

// IPv4 checks the incoming link (ip-sysctl.rst, conf/interface/forwarding).
function dropsOn(link: string): Finding {
  const shown = linkSysctl(link, 'forwarding')
  const seen = `${shown} = 0: packets from ${link} are dropped, although ip_forward is 1`
  return { verdict: 'fail', subject: link, seen, next: [`sysctl -w ${shown}=1`] }
}

// IPv6 forwards by conf/all alone. The link's own setting decides whether the host tells its neighbours there
// that it is a router (RFC 4861, section 4.4).
function isHostOn(link: string): Finding {
  const shown = linkSysctl(link, 'forwarding', 6)
  const seen = `${shown} = 0: containers are told that their gateway is not a router`
  return { verdict: 'warn', subject: `${link}${ON_SIX}`, seen, next: [`sysctl -w ${shown}=1`] }
}

function nameOf(link: string, family: Family): string {
  return `ipv${String(family)}/conf/${link}/forwarding`
}

function shownName(family: Family): string {
  return `net.${SWITCHES[family].replaceAll('/', '.')}`
}
