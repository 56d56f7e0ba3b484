// CNI-013: netavark's firewall driver can start, without which podman 5 starts no container.

import { checkItem, type Finding } from '../../item.ts'

export const podmanFirewall = checkItem({
  id: 'CNI-013',
  title: "podman 5's firewall driver can start",
  fault: "podman's firewall driver cannot start",
  why:
    'Before it runs our driver, netavark starts its firewall driver, ' +
    'although our networks do not use it. Where that cannot start, no container gets a network.',
  causes: ['containers.conf names a driver (firewall_driver) whose program is not installed or not running.'],
  steps: ['remove firewall_driver from containers.conf: netavark then takes its default'],
  needs: ['conflists'],
  judge: ({ conflists: { podman } }): Finding => {
    if (podman?.driver === undefined) return { verdict: 'skip', seen: 'podman 5 is not installed' }
    const { firewall } = podman.driver
    if (firewall === undefined)
      return { verdict: 'ok', seen: "no firewall_driver is set, so it is netavark's default" }
    const { name, source, lacks } = firewall
    const set = `firewall_driver is ${name} (${source})`
    if (lacks === undefined) return { verdict: 'ok', seen: set }
    return {
      verdict: 'fail',
      seen: `${set}, and there is no ${lacks}`,
      next: [`remove firewall_driver from ${source}`],
    }
  },
})
