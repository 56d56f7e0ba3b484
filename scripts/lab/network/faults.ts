// Takes the direct path away and gives it back.
import { answers, hasDevice, HOST_NEBULA, startNebula, stopNebula } from '../nebula/nebula.ts'
import type { NebulaSeries } from '../nebula/packages.ts'
import type { LabHost } from '../host/lab-host.ts'
import { waitUntil } from '../run.ts'
import { FAMILY, NEBULA_PORT } from '../topology.ts'

/**
 * `nebula` stops Nebula: its interface and routes disappear, and the kernel uses the gateway route
 * immediately. `underlay` drops Nebula's packets between hosts on the Windows side: interface and routes
 * stay, but no packet arrives.
 */
export type CutHow = 'nebula' | 'underlay'
export const CUT_HOWS: readonly CutHow[] = ['nebula', 'underlay']

const TABLE = 'flatnet_lab_cut'

export async function cutHost(host: LabHost, how: CutHow): Promise<void> {
  switch (how) {
    case 'nebula':
      return stopNebula(host, HOST_NEBULA)
    case 'underlay':
      return dropUnderlay(host)
  }
}

export async function mendHost(host: LabHost, series: NebulaSeries): Promise<void> {
  await host.windows.exec(['nft', '-f', '-'], { input: `table inet ${TABLE}\ndelete table inet ${TABLE}\n` })
  if (!(await hasDevice(host))) await startNebula(host, series, HOST_NEBULA)
}

/** Returns when every host with a running Nebula answers every other. @throws Error after 60 s */
export async function waitForNebula(hosts: readonly LabHost[]): Promise<void> {
  const running: LabHost[] = []
  for (const host of hosts) if (await hasDevice(host)) running.push(host)
  for (const from of running) {
    for (const to of running.filter((host) => host !== from)) {
      await waitUntil(`${to.name} answers ${from.name} through Nebula`, 60_000, () =>
        answers(from, to.plan.v4.overlay),
      )
    }
  }
}

// Drops both directions of this host, but only between hosts. The lighthouse still hears from it, so the
// path is lost and not the knowledge of each other's addresses.
async function dropUnderlay(host: LabHost): Promise<void> {
  const hosts = FAMILY[4].wslNets
  const rule = `ip saddr ${hosts} ip daddr ${hosts} udp dport ${NEBULA_PORT} drop`
  const chain = 'type filter hook forward priority -10; policy accept;'
  await host.windows.exec(['nft', '-f', '-'], {
    input:
      `table inet ${TABLE}\ndelete table inet ${TABLE}\n` +
      `table inet ${TABLE} {\nchain cut {\n${chain}\n${rule}\n}\n}\n`,
  })
}
