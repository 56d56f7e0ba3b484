// `create`: returns what podman writes into the network's file. Changes nothing on the host.

import { unixSeconds } from '../../src/unix-time.ts'
import type { Prefix } from '../../src/addr/prefix.ts'
import { CniCode, CniError } from '../../src/cni/error.ts'
import type { Settings } from '../../src/config/settings.ts'
import { verifyIdentity } from '../../src/host/identity/identity.ts'
import { loadSettings } from '../../src/host/identity/settings.ts'
import type { JsonObject } from '../../src/json.ts'
import { refuseRootless } from '../../src/kernel/proc.ts'
import { describeCreated, describeUnknown } from '../../src/netavark/created.ts'
import { parseNetwork, type PodmanNetwork } from '../../src/netavark/network.ts'
import { writeWhole } from '../../src/output.ts'
import type { NetavarkCall } from './call.ts'

/** Serves `create`. @throws CniError for options that a network of this host cannot have */
export async function create({ input, now }: NetavarkCall): Promise<string> {
  refuseRootless()
  const network = parseNetwork(input)
  const answer = JSON.stringify(await describe(input, network, now))
  refuseTooLong(answer)
  return answer
}

async function describe(input: JsonObject, network: PodmanNetwork, now: Date): Promise<JsonObject> {
  const subnets = await hostSubnets(loadSettings(network.own), now)
  if (!(subnets instanceof CniError)) return describeCreated(input, network, subnets)
  if (network.subnets.length > 0) throw subnets
  const { message, details } = subnets
  writeWhole(2, `flatnet-cni: containers can start once this is fixed: ${message}: ${details}\n`)
  return describeUnknown(input)
}

// The first container gets the first address, so a network may be made before the host has its certificate.
async function hostSubnets(settings: Settings, now: Date): Promise<readonly Prefix[] | CniError> {
  try {
    return (await verifyIdentity(settings, unixSeconds(now))).subnets
  } catch (error) {
    if (error instanceof CniError) return error
    throw error
  }
}

// podman up to 5.8 reads the answer after the plugin has ended, so an answer that does not fit into a pipe
// blocks both forever (pipe(7), "Pipe capacity": 65,536 bytes).
const MOST_BYTES = 60_000

function refuseTooLong(answer: string): void {
  const bytes = Buffer.byteLength(answer)
  if (bytes <= MOST_BYTES) return
  const sizes = `${String(bytes)} bytes, and podman reads ${String(MOST_BYTES)}`
  throw new CniError(CniCode.InvalidConfig, 'network too long', `${sizes}; leave out labels or options`)
}
