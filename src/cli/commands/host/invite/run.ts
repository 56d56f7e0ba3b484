// `flatnet-cni host invite`: prints the line for the host, and waits until it has joined.

import { parseIp } from '../../../../addr/ip.ts'
import { inviteHost, type Waiting } from '../../../../office/invite/invite.ts'
import { ownAddresses } from '../../../../office/invite/own-addresses.ts'
import type { InvitedHost } from '../../../../provision/enrolment/invitation.ts'
import { readTarget, type Target } from '../../../../provision/enrolment/target.ts'
import { endpoint, groupName, hostName } from '../../../../provision/office/words.ts'
import { wslMode } from '../../../../setup/surroundings.ts'
import { openOffice } from '../../../../state/office/folder.ts'
import { type Call, type Handler, misuse } from '../../../command.ts'
import { officeOf } from '../../office-option.ts'
import { askPassphrase } from '../bundle-file.ts'
import { hasContainers } from '../host-options.ts'
import { refuseNonsense } from '../nonsense.ts'
import { invitationData, joinedData, joinedText, notesText, tickText, type ToType, lineText } from './text.ts'

export const invite: Handler = async (call, terminal) => {
  const host = hostOf(call)
  const listen = listenOf(call)
  const office = openOffice(officeOf(call))
  const addresses = listen === undefined ? await ownAddresses() : [listen.host]
  if (addresses.length === 0)
    throw misuse('this machine has no address on a LAN', 'name one with --listen ADDRESS: see ip address')
  const wsl = await wslMode()
  const waits = ({ invitation, isResumed }: Waiting): void => {
    const toType: ToType = { invitation, isResumed, addresses, wsl }
    terminal.emit(invitationData(toType), (theme) => lineText(toType, theme))
    terminal.note(notesText(toType))
  }
  const enrolled = await inviteHost(
    office,
    { host, listen, nebula: call.value('nebula'), passphrase: () => askPassphrase(terminal) },
    {
      waits,
      event: terminal.note,
      tick: (seconds, wrongCodes) => terminal.progress(tickText(host.name, seconds, wrongCodes)),
    },
    terminal.gone,
  )
  terminal.emit(joinedData(enrolled), (theme) => joinedText(enrolled, theme))
  return { data: {}, render: () => '', isSilent: true }
}

function hostOf(call: Call): InvitedHost {
  refuseNonsense(call, false)
  const isLighthouse = call.has('lighthouse')
  return {
    name: hostName(call.operands[0] ?? ''),
    role: isLighthouse ? 'lighthouse' : 'host',
    hasContainers: hasContainers(call),
    isGateway: call.has('gateway'),
    groups: call.values('group').map((text) => groupName(text, '--group')),
    endpoints: call.values('address').map((text) => endpoint(text, '--address')),
    isAgain: call.has('again'),
  }
}

function listenOf(call: Call): Target | undefined {
  const text = call.value('listen')
  if (text === undefined) return undefined
  const target = readTarget(text)
  if (target !== undefined && parseIp(target.host) !== undefined) return target
  throw misuse(
    '--listen needs an address of this machine, with an optional port',
    `got ${JSON.stringify(text)}`,
  )
}
