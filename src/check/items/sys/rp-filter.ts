// SYS-009: our links have no strict reverse path filter.

import { checkItem, type Finding } from '../../item.ts'
import { linkSysctl, ourLinks } from '../../our-links.ts'

export const rpFilterItem = checkItem({
  id: 'SYS-009',
  title: "flatnet's links have no strict reverse path filter",
  fault: 'link has a strict reverse path filter',
  why:
    'While two hosts use different paths to each other, packets arrive on another link than replies ' +
    'leave by. rp_filter 1 drops all of them.',
  causes: ['A hardening script or sysctl --system set rp_filter to 1 again after the last ADD.'],
  steps: ['sysctl -w net.ipv4.conf.LINK.rp_filter=2'],
  needs: ['sysctls', 'settings', 'network', 'links'],
  judge: ({ sysctls, settings, network, links }) => {
    // The first ADD or sync creates the bridge and corrects the setting, so nothing is wrong before that.
    if (!links.some(({ name }) => name === settings.bridge)) return []
    // The kernel uses the higher of "all" and the link's own value (ip-sysctl.rst).
    const all = Number(sysctls.get('ipv4/conf/all/rp_filter') ?? '0')
    return ourLinks(settings.bridge, network).map((link): Finding => {
      const value = Math.max(all, Number(sysctls.get(`ipv4/conf/${link}/rp_filter`) ?? '0'))
      const seen = `rp_filter of ${link} is ${String(value)}`
      if (value !== 1) return { verdict: 'ok', subject: link, seen }
      const next = [`sysctl -w ${linkSysctl(link, 'rp_filter')}=2`]
      return { verdict: 'fail', subject: link, seen: `${seen} (strict)`, next }
    })
  },
  fix: ({ sysctls }, { subject: link = '' }) => ({
    kind: 'sysctl',
    arguments: [`ipv4/conf/${link}/rp_filter`, '2'],
    what: `set ${linkSysctl(link, 'rp_filter')} to 2 (loose)`,
    undo: `sysctl -w ${linkSysctl(link, 'rp_filter')}=${sysctls.get(`ipv4/conf/${link}/rp_filter`) ?? '0'}`,
  }),
})
