// The words of `flatnet-cni host revoke`.

import type { RevokedHost } from '../../../office/revoke.ts'
import { handedData, handedText } from '../statement/text.ts'
import type { HandedOver } from '../../../setup/hand-over.ts'
import type { Theme } from '../../terminal.ts'

/** Where a statement went: to this host, or not, with the reason if there is one. */
export type Delivery = HandedOver | { readonly why: string | undefined }

/** Returns what --json prints of a revoked host. */
export function revokedData(
  { assignment, fingerprints, signed, file }: RevokedHost,
  delivery: Delivery,
): object {
  const { name, overlay, subnets } = assignment
  const { sequence, revoked } = signed.statement
  return { name, overlay, subnets, fingerprints, sequence, revoked, file, ...deliveryData(delivery) }
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
  const count = fingerprints.length
  const what =
    count === 0
      ? `${theme.strong(name)} was revoked before; the statement is signed again.`
      : `Revoked ${theme.strong(name)}: ${String(count)} ${count === 1 ? 'certificate' : 'certificates'}.`
  return `${what}\n${deliveryText(delivery, file, theme)}`
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
