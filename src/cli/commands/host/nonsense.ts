// Options of `host add` and `host invite` that make no sense together.

import { type Call, misuse } from '../../command.ts'

/**
 * Refuses them. @param needsAddress whether a lighthouse has to come with --address, which may then change
 * with --again @throws CniError
 */
export function refuseNonsense(call: Call, needsAddress: boolean): void {
  const [isLighthouse, addresses] = [call.has('lighthouse'), call.values('address')]
  if (call.has('again')) {
    const given = ['lighthouse', 'containers', 'gateway'].filter(call.has)
    const listed = (needsAddress ? ['group'] : ['address', 'group']).filter(
      (option) => call.values(option).length > 0,
    )
    const [extra] = [...given, ...listed]
    if (extra !== undefined) throw misuse(`--again keeps what the host has, so --${extra} cannot go with it`)
    return
  }
  if (needsAddress && isLighthouse && addresses.length === 0)
    throw misuse('a lighthouse needs --address', 'where do other hosts reach it? --address 192.168.1.5')
  if (!isLighthouse && addresses.length > 0)
    throw misuse('--address goes with --lighthouse', 'hosts find each other through a lighthouse')
  if (!isLighthouse && call.has('containers'))
    throw misuse('--containers goes with --lighthouse', 'every other host runs containers')
}
