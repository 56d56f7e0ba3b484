// `flatnet-cni ca rotate`.

import { setTimeout as sleep } from 'node:timers/promises'
import { caProgress } from '../../../office/ca-progress.ts'
import { type Rotated, rotateCa } from '../../../office/rotate.ts'
import type { HostProgress } from '../../../provision/office/ca-state.ts'
import { askAuthorities } from '../../../setup/ask-authorities.ts'
import { type Office, openOffice } from '../../../state/office/folder.ts'
import type { HostAuthorities } from '../../../views/authorities.ts'
import type { Handler } from '../../command.ts'
import type { Terminal } from '../../terminal.ts'
import { askPassphrase } from '../host/bundle-file.ts'
import { deliver } from '../host/decide.ts'
import type { Delivery } from '../host/decided-text.ts'
import { wholeNumber } from '../init/whole-number.ts'
import { officeOf } from '../office-option.ts'
import { rotatedData, rotatedText } from './text.ts'

// Statements are with every host that is on within seconds.
const LOOKS = 30
const LOOK_EVERY_MS = 1000

export const rotate: Handler = async (call, terminal) => {
  const office = openOffice(officeOf(call))
  const caDays =
    call.value('ca-days') === undefined ? undefined : wholeNumber(call, 'ca-days', 1, [1, 36_500])
  const rotated = await rotateCa(office, {
    caDays,
    isForced: call.has('force'),
    isAgain: call.has('again'),
    said: await saidTo(office),
    passphrase: () => askPassphrase(terminal),
  })
  const deliveries: Delivery[] = []
  for (const statement of rotated.statements) deliveries.push(await deliver(statement))
  const isHere = deliveries.every((delivery) => !('why' in delivery))
  const progress = isHere ? await follow(office, rotated, terminal) : undefined
  const shown = { office: office.plan.office, folder: office.folder, rotated, deliveries, progress }
  return {
    data: rotatedData(shown),
    render: (theme) => rotatedText(shown, theme),
    exitCode: rotated.outcome === 'waits' ? 1 : 0,
  }
}

/** Returns what the hosts say, where this machine is a host of the office. */
export async function saidTo(office: Office): Promise<readonly HostAuthorities[] | undefined> {
  const asked = await askAuthorities()
  if ('why' in asked) return undefined
  const signed = new Set(
    office.ledger().entries.flatMap((entry) => (entry.kind === 'sign' ? [entry.fingerprint] : [])),
  )
  // An agent of another office knows nothing of these hosts.
  return signed.has(asked.hosts[0]?.certificate ?? '') ? asked.hosts : undefined
}

// Until every host that answers has it.
async function follow(
  office: Office,
  { step, outcome }: Rotated,
  terminal: Terminal,
): Promise<readonly HostProgress[] | undefined> {
  let progress: readonly HostProgress[] | undefined
  for (let look = 0; look < LOOKS && !terminal.gone.aborted; look += 1) {
    const said = await saidTo(office)
    if (said === undefined) break
    progress = caProgress(office, step, said)
    const having = progress.filter(({ has }) => has === 'yes').length
    terminal.progress(`${String(having)} of ${String(progress.length)} hosts have it`)
    if (outcome === 'waits' || progress.every(({ has }) => has !== 'no')) break
    await sleep(LOOK_EVERY_MS)
  }
  terminal.progress('')
  return progress
}
