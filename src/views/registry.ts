// GET /v1/registry on the agent's local API: every host's containers as this host knows them. Version 1;
// fields are only ever added.

import type { ContainerView } from './containers.ts'

/** What is known of one host. */
export interface RegistryHostView {
  readonly name: string
  /** Its first overlay address, which is unique to it. */
  readonly overlay: string
  /** Whether it is this host. */
  readonly isOwn: boolean
  /** The version of its state, as "epoch-sequence"; null if it has told nothing. */
  readonly version: string | null
  /** Null while its containers are not known. */
  readonly containers: readonly ContainerView[] | null
  /** Whether the host has told it since this agent started; otherwise it is from the disk. */
  readonly isConfirmed: boolean
  /** Why its containers are not known or not up to date; null if nothing is wrong. */
  readonly problem: string | null
  /** Whether its agent is silent, which says all of `problem`. */
  readonly isSilent: boolean
  /** Why it does not accept the containers of this host; null if it does. */
  readonly refusal: string | null
}

export interface RegistryView {
  readonly version: 1
  /** This host first, then the others by name. */
  readonly hosts: readonly RegistryHostView[]
  /** Containers of this host that are not told to others, with the reason. */
  readonly untold: readonly string[]
  /** Why the registry cannot be written to disk; null if it can. */
  readonly diskProblem: string | null
}

/** The same in short, as part of the agent's status. */
export interface RegistrySummary {
  readonly hosts: readonly (Pick<RegistryHostView, 'name' | 'isOwn' | 'problem' | 'isSilent' | 'refusal'> & {
    readonly containers: number | null
  })[]
  readonly untold: readonly string[]
  readonly diskProblem: string | null
}

export function summaryOf({ hosts, untold, diskProblem }: RegistryView): RegistrySummary {
  return {
    hosts: hosts.map(({ name, isOwn, problem, isSilent, refusal, containers }) => ({
      name,
      isOwn,
      problem,
      isSilent,
      refusal,
      containers: containers?.length ?? null,
    })),
    untold,
    diskProblem,
  }
}
