// The shape of what the agent pushes into nginx, version 1 (lua/flatnet/check.lua refuses anything else).

import type { ProofKey } from './proof.ts'

/** What the HTTP Gateway has to know of its own host. */
export interface SelfDocument {
  readonly version: 1
  readonly host: string
  readonly domain: string
  /** The first overlay address: part of every proof (proof.ts). */
  readonly overlay: string
}

/** A container that HTTP may reach. */
export interface NamedContainer {
  /** Labels of DNS names. */
  readonly names: readonly string[]
  readonly address: string
  /** The default port; absent when a request has to name one. */
  readonly port?: number
  readonly ports: readonly number[]
}

/** What is known of one host. */
export interface HostDocument {
  readonly version: 1
  readonly host: string
  readonly path: 'local' | 'p2p' | 'gateway'
  readonly subnets: readonly string[]
  /** ADDRESS:PORT of its HTTP Gateway; absent if it has none. */
  readonly gateway?: string
  /** With it, this HTTP Gateway proves itself to that host. Absent for this host. */
  readonly key?: ProofKey
  readonly containers: readonly NamedContainer[]
}

/** Orders a document among those of the same host. */
export interface Stamp {
  readonly epoch: number
  readonly seq: number
}

/** The file with the last state, from which nginx starts. */
export interface Snapshot {
  readonly version: 1
  readonly self: SelfDocument
  readonly hosts: readonly (HostDocument & Stamp)[]
}

export function stampText({ epoch, seq }: Stamp): string {
  return `${String(epoch)}-${String(seq)}`
}

/** Orders texts by their code units, the same on every host. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
