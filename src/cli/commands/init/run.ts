// `flatnet-cni init`: makes an office folder, and adds its first lighthouse.

import { parsePrefix, type Prefix } from '../../../addr/prefix.ts'
import { addHost } from '../../../office/add-host.ts'
import { makeOffice } from '../../../office/create.ts'
import { type NetworkPlan, officeName, planJson } from '../../../provision/office/network-plan.ts'
import { endpoint, hostName } from '../../../provision/office/words.ts'
import { openOffice } from '../../../state/office/folder.ts'
import { type Call, type Handler, misuse } from '../../command.ts'
import type { Terminal } from '../../terminal.ts'
import { bundleFile, refuseNoPassphrase } from '../host/bundle-file.ts'
import { addedData } from '../host/text.ts'
import { officeFolder } from '../office-option.ts'
import { initText } from './text.ts'
import { wholeNumber } from './whole-number.ts'

export const init: Handler = async (call, terminal) => {
  const folder = officeFolder(call.operands[0])
  const lighthouse = lighthouseOf(call)
  const hasIpv6 = call.has('ipv6')
  const passphrase = call.has('encrypt-key') ? (): Promise<string> => newPassphrase(terminal) : undefined
  // Asked once, and needed again where the lighthouse is signed.
  let known: string | undefined
  const { plan, warnings } = await makeOffice({
    folder,
    plan: planOf(call, hasIpv6),
    hasIpv6,
    caDays: days(call, 'ca-days', 3650),
    passphrase: passphrase && (async () => (known = await passphrase())),
  })
  const added =
    lighthouse &&
    (await addHost(openOffice(folder), {
      ...lighthouse,
      passphrase: () => (known === undefined ? refuseNoPassphrase() : Promise.resolve(known)),
    }))
  return {
    data: {
      office: plan.office,
      folder,
      plan: planJson(plan),
      warnings,
      lighthouse: added ? addedData(added) : null,
    },
    render: (theme) => initText({ folder, plan, warnings, added }, theme),
  }
}

function lighthouseOf(call: Call): Omit<Parameters<typeof addHost>[1], 'passphrase'> | undefined {
  const address = call.value('lighthouse')
  if (address === undefined) {
    for (const name of ['lighthouse-name', 'plain'] as const)
      if (call.has(name) || call.value(name) !== undefined) throw misuse(`--${name} goes with --lighthouse`)
    return undefined
  }
  const name = hostName(call.value('lighthouse-name') ?? 'lighthouse')
  return {
    name,
    role: 'lighthouse',
    hasContainers: false,
    isGateway: false,
    groups: [],
    endpoints: [endpoint(address, '--lighthouse')],
    isAgain: false,
    isPlain: call.has('plain'),
    file: bundleFile(undefined, name),
  }
}

function planOf(call: Call, hasIpv6: boolean): NetworkPlan {
  const version = call.value('cert-version')
  if (hasIpv6 && (version === '1' || version === 'both'))
    throw misuse('--ipv6 needs certificates of version 2 alone', 'Nebula before 1.10 reads none of them')
  return {
    office: officeName(call.value('name') ?? 'flatnet', '--name'),
    families: [
      {
        overlay: network(call, 'overlay', '10.86.0.0/16'),
        pool: network(call, 'pool', '10.87.0.0/16'),
        subnetLength: wholeNumber(call, 'subnet', 24, [1, 32]),
      },
    ],
    certificateVersion: hasIpv6 || version === '2' ? 2 : version === 'both' ? 'both' : 1,
    curve: call.value('curve') === 'P256' ? 'P256' : 'CURVE25519',
    hostDays: days(call, 'host-days', 730),
  }
}

function network(call: Call, option: string, fallback: string): Prefix {
  const text = call.value(option) ?? fallback
  const prefix = parsePrefix(text)
  if (prefix?.family === 4) return prefix
  throw misuse(`--${option} needs an IPv4 network like ${fallback}`, `got ${JSON.stringify(text)}`)
}

function days(call: Call, option: string, fallback: number): number {
  return wholeNumber(call, option, fallback, [1, 36_500])
}

const LEAST_LETTERS = 12

async function newPassphrase(terminal: Terminal): Promise<string> {
  const first = (await terminal.secret("passphrase for the CA's key")) ?? ''
  if (first.length < LEAST_LETTERS)
    throw misuse('the passphrase is too short', `it needs at least ${String(LEAST_LETTERS)} characters`)
  if (terminal.isInteractive && (await terminal.secret('the same passphrase again')) !== first)
    throw misuse('the two passphrases differ', 'nothing was made; run the command again')
  return first
}
