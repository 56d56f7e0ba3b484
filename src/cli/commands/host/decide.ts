// `flatnet-cni host revoke` and `host renew`: what the office decides after it has signed a certificate.

import { CniError } from '../../../cni/error.ts'
import type { OfficeStatement } from '../../../office/state.ts'
import { renewHosts } from '../../../office/renew.ts'
import { revokeHost } from '../../../office/revoke.ts'
import { groupName, hostName } from '../../../provision/office/words.ts'
import { handOver, isHostOf } from '../../../setup/hand-over.ts'
import { openOffice } from '../../../state/office/folder.ts'
import { type Call, type Handler, misuse } from '../../command.ts'
import { officeOf } from '../office-option.ts'
import { askPassphrase } from './bundle-file.ts'
import { type Delivery, renewedData, renewedText, revokedData, revokedText } from './decided-text.ts'

export const revoke: Handler = async (call, terminal) => {
  const name = hostName(call.operands[0] ?? '')
  const revoked = await revokeHost(openOffice(officeOf(call)), name, () => askPassphrase(terminal))
  const delivery = await deliver(revoked)
  return {
    data: revokedData(revoked, delivery),
    render: (theme) => revokedText(revoked, delivery, theme),
  }
}

export const renew: Handler = async (call, terminal) => {
  const [operand] = call.operands
  if ((operand === undefined) !== call.has('all'))
    throw misuse('name one host, or give --all', 'flatnet-cni host renew host-a')
  const name = operand === undefined ? undefined : hostName(operand)
  const listed = call.values('group').map((text) => groupName(text, '--group'))
  const groups = listed.length > 0 || call.has('without-groups') ? listed : undefined
  if (groups !== undefined && name === undefined) throw misuse('groups are given to one host at a time')
  if (listed.length > 0 && call.has('without-groups'))
    throw misuse('--group and --without-groups exclude each other')
  const gateway = gatewayOf(call, name)
  const renewed = await renewHosts(openOffice(officeOf(call)), { name, groups, gateway }, () =>
    askPassphrase(terminal),
  )
  const delivery = await deliver(renewed)
  return {
    data: renewedData(renewed, delivery),
    render: (theme) => renewedText(renewed, { delivery, groups, gateway }, theme),
  }
}

function gatewayOf(call: Call, name: string | undefined): boolean | undefined {
  if (!call.has('gateway') && !call.has('no-gateway')) return undefined
  if (name === undefined) throw misuse('gateways are chosen one at a time')
  return call.has('gateway')
}

/** Hands a statement to this host, if it is one of the office. Never throws for one that does not take it. */
export async function deliver({ signed, file }: OfficeStatement): Promise<Delivery> {
  try {
    // Only root may change what this host accepts.
    if (process.geteuid?.() !== 0 || !isHostOf(signed)) return { why: undefined }
    return await handOver(signed.text, file)
  } catch (error) {
    // It is decided and signed; it can be taken to another host.
    if (!(error instanceof CniError)) throw error
    return { why: `${error.message}: ${error.details}` }
  }
}
