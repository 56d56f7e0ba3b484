// The words of `flatnet-cni host revoke` and `host renew`.

import type { Renewed } from '../../../office/renew.ts'
import type { RevokedHost } from '../../../office/revoke.ts'
import { handedData, handedText, statementData } from '../statement/text.ts'
import type { HandedOver } from '../../../setup/hand-over.ts'
import type { Theme } from '../../terminal.ts'
import { formerGatewayLines, gatewayLines } from './described.ts'

/** Where a statement went: to this host, or not, with the reason if there is one. */
export type Delivery = HandedOver | { readonly why: string | undefined }

/** Returns what --json prints of a revoked host. */
export function revokedData(
  { assignment, fingerprints, signed, file }: RevokedHost,
  delivery: Delivery,
): object {
  const { name, overlay, subnets } = assignment
  const { statement } = signed
  return {
    name,
    overlay,
    subnets,
    fingerprints,
    statement: statementData(statement),
    file,
    ...deliveryData(delivery),
  }
}

function deliveryData(delivery: Delivery): object {
  return 'why' in delivery
    ? { handedOver: null, problem: delivery.why ?? null }
    : { handedOver: handedData(delivery), problem: null }
}

/** Renders a revoked host, and what is left to do. */
export function revokedText(
  { assignment: { name }, fingerprints, file }: RevokedHost,
  delivery: Delivery,
  theme: Theme,
): string {
  // Not how many: a certificate of P-256 has two fingerprints.
  const what =
    fingerprints.length === 0
      ? `${theme.strong(name)} was revoked before; the statement is signed again.`
      : `Revoked ${theme.strong(name)} with all its certificates.`
  return `${what}\n${deliveryText(delivery, file, theme)}`
}

/** Returns what --json prints of renewed hosts. */
export function renewedData({ hosts, signed, file }: Renewed, delivery: Delivery): object {
  return {
    hosts: hosts.map(({ assignment: { name }, signature: { fingerprint, notAfter } }) => ({
      name,
      fingerprint,
      notAfter: new Date(notAfter * 1000).toISOString(),
    })),
    sequence: signed.statement.sequence,
    file,
    ...deliveryData(delivery),
  }
}

/** What a renewal was to change, and where its statement went. */
interface Decided {
  readonly delivery: Delivery
  readonly groups: readonly string[] | undefined
  readonly gateway: boolean | undefined
}

/** Renders renewed hosts, and what is left to do. */
export function renewedText(
  { hosts, file }: Renewed,
  { delivery, groups, gateway }: Decided,
  theme: Theme,
): string {
  const names = hosts.map(({ assignment: { name } }) => theme.strong(name)).join(', ')
  const until = hosts[0] === undefined ? '' : dayOf(hosts[0].signature.notAfter)
  const assignments = hosts.map(({ assignment }) => assignment)
  const changes =
    groups === undefined && gateway === undefined
      ? []
      : [
          `Then on ${names}, as root, unless nothing has changed: flatnet-cni host accept`,
          ...(gateway === true ? gatewayLines(assignments) : []),
          ...(gateway === false ? formerGatewayLines(assignments) : []),
        ]
  return [
    `Renewed until ${until}: ${names}\n`,
    deliveryText(delivery, file, theme),
    ...changes.map((line) => `${line}\n`),
  ].join('')
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

function deliveryText(delivery: Delivery, file: string, theme: Theme): string {
  if (!('why' in delivery)) return handedText(delivery, theme)
  const problem =
    delivery.why === undefined ? '' : `${theme.warn('This host could not take it')}: ${delivery.why}\n`
  return (
    `${problem}Statement: ${file}\n` +
    'Next: copy this file to any host of the office, and there, as root: ' +
    `flatnet-cni statement import ${file.replace(/^.*\//, '')}\n`
  )
}
