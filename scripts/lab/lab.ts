// A lab as one object: made by `upLab`, opened from another process by `openLab`, removed by `down`.
import type { LabHost } from './host/lab-host.ts'
import { join } from 'node:path'
import { hostPlace, netnsPlace, type Place } from './host/place.ts'
import { cutHost, mendHost, waitForNebula, type CutHow } from './network/faults.ts'
import { hostDisk, startHost, stopHost } from './host/host.ts'
import { HOST_NEBULA, startNebula } from './nebula/nebula.ts'
import { setupHostNetwork, teardownHostNetwork } from './network/network.ts'
import { nebulaFolder } from './nebula/packages.ts'
import { holdLabHost } from './podman5/lab-host.ts'
import type { ProcessMark } from './process.ts'
import { labFolder, readHolder, readRecord, writeHolder, type LabRecord } from './state.ts'
import { planTopology, type HostPlan, type Topology } from './topology.ts'

const LIGHTHOUSE = 'lighthouse'

export class Lab {
  readonly record: LabRecord
  readonly topology: Topology
  readonly folder: string
  /** A machine on the LAN, outside Nebula: where a browser would be. */
  readonly lan: Place
  readonly lighthouse: Place
  readonly hosts: readonly LabHost[]
  readonly #holders = new Map<string, ProcessMark>()

  constructor(record: LabRecord) {
    this.record = record
    this.topology = planTopology(record.name, record.hosts, record.ipv6)
    this.folder = labFolder(record.name)
    this.lan = netnsPlace('lan', this.topology.lanNetns)
    this.lighthouse =
      record.lighthouseAgent === true
        ? this.#heldPlace(LIGHTHOUSE)
        : netnsPlace(LIGHTHOUSE, this.topology.lighthouseNetns)
    this.hosts = this.topology.hosts.map((plan) => this.#hostOf(plan))
  }

  /**
   * Returns a host.
   * @param which a letter (`a`) or a name (`host-a`)
   * @throws Error when there is no such host
   */
  host(which: string): LabHost {
    const found = this.hosts.find((host) => host.plan.letter === which || host.name === which)
    if (found === undefined)
      throw new Error(`no host '${which}': ${this.hosts.map(({ name }) => name).join(', ')}`)
    return found
  }

  /**
   * Returns any place by name: a host, `win-a`, `lan`, `lighthouse`. @throws Error when there is no such
   * place
   */
  place(where: string): Place {
    if (where === 'lan') return this.lan
    if (where === 'lighthouse') return this.lighthouse
    return where.startsWith('win-') ? this.host(where.slice(4)).windows : this.host(where)
  }

  /** Takes the direct path away from the named hosts, or from all of them. */
  async cut(which: readonly string[] = [], how: CutHow = 'nebula'): Promise<void> {
    await Promise.all(this.#chosen(which).map((host) => cutHost(host, how)))
  }

  /** Undoes every cut, and returns when every host answers every other through Nebula. */
  async mend(): Promise<void> {
    await Promise.all(this.hosts.map((host) => mendHost(host, this.record.nebula)))
    await waitForNebula(this.hosts)
  }

  /**
   * Reboots a host, as `wsl --shutdown` and a new start do: all its processes, links, rules and /run are
   * lost, the disk is kept, and the boot ID is new. Nebula runs again afterwards; containers do not.
   */
  async reboot(which: string): Promise<void> {
    const host = this.host(which)
    const holder = this.#holders.get(host.name)
    if (holder !== undefined) await stopHost(holder)
    this.#holders.delete(host.name)
    await teardownHostNetwork(host.plan)
    await this.bootHost(host)
    await waitForNebula(this.hosts)
  }

  /** Starts a host from its disk: network, processes, Nebula. */
  async bootHost(host: LabHost): Promise<void> {
    await setupHostNetwork(host.plan)
    const { podman5 } = this.record
    const holder =
      podman5 !== undefined && this.hasPodman5(host)
        ? await holdLabHost(host, podman5.suite)
        : await startHost(host.plan, host.files)
    await this.#hold(host.name, holder)
    await startNebula(host, this.record.nebula, HOST_NEBULA)
  }

  /** Whether the host has podman 5. */
  hasPodman5(host: LabHost): boolean {
    return this.record.podman5?.hosts.includes(host.plan.letter) ?? false
  }

  /** Starts the lighthouse from a separate disk, without its Nebula. */
  async bootLighthouse(disk: string): Promise<void> {
    await this.#hold(
      LIGHTHOUSE,
      await startHost({ name: LIGHTHOUSE, netns: this.topology.lighthouseNetns }, disk),
    )
  }

  /** Reads which processes hold the hosts, after another process booted them. */
  async findHolders(): Promise<void> {
    for (const name of [LIGHTHOUSE, ...this.hosts.map((host) => host.name)]) {
      const holder = await readHolder(this.record.name, name)
      if (holder !== undefined) this.#holders.set(name, holder)
    }
  }

  #chosen(which: readonly string[]): readonly LabHost[] {
    return which.length === 0 ? this.hosts : which.map((one) => this.host(one))
  }

  async #hold(name: string, holder: ProcessMark): Promise<void> {
    this.#holders.set(name, holder)
    await writeHolder(this.record.name, name, holder)
  }

  #heldPlace(name: string): Place {
    const holderPid = (): number => {
      const holder = this.#holders.get(name)
      if (holder === undefined) throw new Error(`${name} is not running`)
      return holder.pid
    }
    return hostPlace(name, holderPid, [nebulaFolder(this.record.nebula), '/opt/cni/bin'])
  }

  #hostOf(plan: HostPlan): LabHost {
    return {
      ...this.#heldPlace(plan.name),
      plan,
      windows: netnsPlace(`win-${plan.letter}`, plan.windowsNetns),
      files: hostDisk(this.folder, plan),
    }
  }
}

/** Opens a lab that is up. @throws Error when no lab has that name */
export async function openLab(name: string): Promise<Lab> {
  const lab = new Lab(await readRecord(name))
  await lab.findHolders()
  return lab
}

/** Returns the folder with the lab's CA and all certificates. */
export function pkiFolder(lab: Lab): string {
  return join(lab.folder, 'pki')
}
