// The words of `flatnet-cni init`.

import { formatPrefix } from '../../../addr/prefix.ts'
import type { AddedHost } from '../../../office/add-host.ts'
import { highestNumber, type NetworkPlan } from '../../../provision/office/network-plan.ts'
import type { Theme } from '../../terminal.ts'
import { addedText } from '../host/text.ts'

/** An office that was made. */
interface Made {
  readonly folder: string
  readonly plan: NetworkPlan
  readonly warnings: readonly string[]
  readonly added: AddedHost | undefined
}

/** Renders what was made, what to back up, and what to run next. */
export function initText({ folder, plan, warnings, added }: Made, theme: Theme): string {
  const { families } = plan
  const overlays = families.map(({ overlay }) => formatPrefix(overlay)).join(', ')
  const pools = families.map(
    ({ pool, subnetLength }) => `${formatPrefix(pool)}, /${String(subnetLength)} each`,
  )
  const lines = [
    `${theme.strong(`Office ${plan.office}`)} in ${folder}`,
    `  overlay network  ${overlays}`,
    `  containers       ${pools.join('; ')}: up to ${String(highestNumber(plan))} hosts`,
    `  certificates     ${versionText(plan)}, ${plan.curve}, ` + `hosts ${String(plan.hostDays)} days`,
    ...warnings.map((warning) => theme.warn(`  note: ${warning}`)),
    '',
    `Back up ${folder}, and again after each host: without ca.key no host can be added or renewed, and ` +
      'with it',
    'anyone can add hosts. Keep the copy where you keep passwords.',
    '',
  ]
  const next =
    added === undefined
      ? `Next: flatnet-cni host add lighthouse --lighthouse --address ADDRESS\n`
      : addedText(added, theme)
  return `${lines.join('\n')}\n${next}`
}

function versionText({ certificateVersion }: NetworkPlan): string {
  return certificateVersion === 'both' ? 'versions 1 and 2' : `version ${String(certificateVersion)}`
}
