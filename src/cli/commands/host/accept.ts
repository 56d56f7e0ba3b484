// `flatnet-cni host accept`: the consent to a certificate that changes more than its time.

import { CniCode, CniError } from '../../../cni/error.ts'
import { acceptRenewal } from '../../../setup/accept-renewal.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import type { Handler } from '../../command.ts'

export const accept: Handler = async () => {
  refuseRootless()
  const accepted = await acceptRenewal()
  if (accepted === undefined)
    throw new CniError(
      CniCode.InvalidConfig,
      'nothing to accept',
      'no renewed certificate waits on this host; flatnet-cni statement list shows what the office says',
    )
  const { differences, notes, agent } = accepted
  return {
    data: { differences, notes, problem: agent ?? null },
    render: (theme) =>
      `Accepted: ${differences.length === 0 ? 'only the time differs' : differences.join('; ')}\n` +
      notes.map((note) => `${note}\n`).join('') +
      (agent === undefined ? '' : `${theme.warn('The agent does not use it yet')}: ${agent}\n`),
  }
}
