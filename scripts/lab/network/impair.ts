// Faults of the path that are not a clean cut: loss, delay, one direction, large packets only, also the
// gateway path. All of them act on what the Windows stand-in forwards; Nebula's packets are recognised by
// their port.
import { fileURLToPath } from 'node:url'
import type { LabHost } from '../host/lab-host.ts'
import type { Running } from '../run.ts'
import { waitUntil } from '../run.ts'
import { FAMILY, NEBULA_PORT } from '../topology.ts'

/**
 * `black-hole` drops Nebula's packets in both directions · `one-way` those that leave this host · `loss` a
 * part of them in both directions · `delay` delays those that leave · `mtu-hole` silently drops large ones
 * · `gateway` drops everything between the hosts except Nebula · `both-paths` drops everything between the
 * hosts.
 */
export type Impairment =
  | { readonly kind: 'black-hole' | 'one-way' | 'mtu-hole' | 'gateway' | 'both-paths' }
  | { readonly kind: 'loss'; readonly percent: number }
  | { readonly kind: 'delay'; readonly ms: number }

const TABLE = 'flatnet_lab_impair'
const HOSTS = FAMILY[4].wslNets
const NEBULA = `ip saddr ${HOSTS} ip daddr ${HOSTS} udp dport ${NEBULA_PORT}`
const BETWEEN = `ip saddr { ${HOSTS}, ${FAMILY[4].pool} } ip daddr { ${HOSTS}, ${FAMILY[4].pool} }`
// Outer bytes: Nebula adds 60 to an inner packet on IPv4, so a larger packet carries more than 1140.
const LARGE = 1200
const DELAY_DEVICE = 'delay0'

/** Impairs one host's side; a repeated call replaces the fault. @returns the function that lifts it */
export async function impair(host: LabHost, fault: Impairment): Promise<() => Promise<void>> {
  if (fault.kind === 'delay') return delay(host, fault.ms)
  await apply(host, 'forward', -10, ruleOf(host, fault))
  return () => mendImpaired(host)
}

/** Removes every impairment except a delay. Does nothing if there is none. */
export async function mendImpaired(host: LabHost): Promise<void> {
  await host.windows.exec(['nft', '-f', '-'], { input: `table inet ${TABLE}\ndelete table inet ${TABLE}\n` })
}

function ruleOf(host: LabHost, fault: Exclude<Impairment, { kind: 'delay' }>): string {
  switch (fault.kind) {
    case 'black-hole':
      return `${NEBULA} drop`
    case 'one-way':
      return `ip saddr ${host.plan.v4.wsl} ${NEBULA.replace(`ip saddr ${HOSTS} `, '')} drop`
    case 'loss':
      return `${NEBULA} numgen random mod 100 < ${String(Math.round(fault.percent))} drop`
    case 'mtu-hole':
      return `${NEBULA} meta length > ${String(LARGE)} drop`
    case 'gateway':
      return `udp dport ${NEBULA_PORT} accept\n${BETWEEN} drop`
    case 'both-paths':
      return `${BETWEEN} drop`
  }
}

async function apply(host: LabHost, hook: string, priority: number, rules: string): Promise<void> {
  const chain = `chain faults {\ntype filter hook ${hook} priority ${String(priority)}\n${rules}\n}`
  const input = `table inet ${TABLE}\ndelete table inet ${TABLE}\ntable inet ${TABLE} {\n${chain}\n}\n`
  await host.windows.exec(['nft', '-f', '-'], { input })
}

// Not every kernel has the netem module. A process that holds packets for a while does the same.
async function delay(host: LabHost, ms: number): Promise<() => Promise<void>> {
  const script = fileURLToPath(new URL('delay.pl', import.meta.url))
  const holder: Running = host.windows.start(['perl', script, DELAY_DEVICE, String(ms)])
  await waitUntil('the delaying device', 5000, async () => {
    const { exitCode } = await host.windows.exec(['ip', 'link', 'show', 'dev', DELAY_DEVICE], {
      check: false,
    })
    return exitCode === 0
  })
  const input = [
    `link set ${DELAY_DEVICE} up`,
    `route replace default dev ${DELAY_DEVICE} table 100`,
    'rule add fwmark 77 table 100',
  ]
  await host.windows.exec(['ip', '-batch', '-'], { input: `${input.join('\n')}\n` })
  const leaving = `iifname "vEthernet" ${NEBULA} meta mark set 77`
  await apply(host, 'prerouting', -150, leaving)
  return async () => {
    await mendImpaired(host)
    await host.windows.exec(['ip', 'rule', 'delete', 'fwmark', '77', 'table', '100'], { check: false })
    // Packets that are still held come through first.
    await new Promise((resolve) => setTimeout(resolve, ms + 100))
    holder.kill()
    await holder
  }
}
