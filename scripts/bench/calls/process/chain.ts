// Executes a network configuration list like a container runtime: one process per plugin, in sequence,
// each given the result of the previous one (CNI SPEC 1.0.0, section 3). DEL runs backwards with ADD's
// final result.

import { launchAndWait, type Launch, type Launcher } from './launch.ts'
import type { Attachment, Plugin, Timing } from './task.ts'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const PLUGIN_FOLDER = '/usr/lib/cni'

/** Adds an attachment; stops at the first plugin that fails. */
export async function addChain(attachment: Attachment, launcher: Launcher = launchAndWait): Promise<Timing> {
  const started = process.hrtime.bigint()
  let result: unknown
  for (const plugin of attachment.network.plugins) {
    const ended = await launcher(callOf(attachment, plugin, 'ADD', result))
    if (ended.exitCode !== 0) return { ms: since(started), failure: failureOf(plugin, ended) }
    result = JSON.parse(ended.stdout)
  }
  return { ms: since(started), result }
}

/**
 * Deletes an attachment.
 * @param result the final result of ADD
 */
export async function delChain(
  attachment: Attachment,
  result: unknown,
  launcher: Launcher = launchAndWait,
): Promise<Timing> {
  const started = process.hrtime.bigint()
  for (const plugin of attachment.network.plugins.toReversed()) {
    const ended = await launcher(callOf(attachment, plugin, 'DEL', result))
    if (ended.exitCode !== 0) return { ms: since(started), failure: failureOf(plugin, ended) }
  }
  return { ms: since(started) }
}

/** Runs one program until it exits. */
export async function runProgram({ argv, env, input }: Launch): Promise<Timing> {
  const started = process.hrtime.bigint()
  const ended = await launchAndWait({ argv, env: { PATH, ...env }, input })
  const ms = since(started)
  if (ended.exitCode === 0) return { ms, stdout: ended.stdout }
  const said = ended.stderr || ended.stdout
  return { ms, stdout: ended.stdout, failure: `${argv.join(' ')}: exit code ${ended.exitCode}: ${said}` }
}

/** Returns the milliseconds since a moment of the monotonic clock. */
export function since(started: bigint): number {
  return Number(process.hrtime.bigint() - started) / 1e6
}

/** Returns the process that a runtime starts for one plugin and verb. */
export function callOf(
  { network, containerID, netns, port }: Attachment,
  plugin: Plugin,
  verb: 'ADD' | 'DEL',
  prevResult: unknown,
): Launch {
  const publishes = port !== undefined && hasCapability(plugin, 'portMappings')
  const mappings = [{ hostPort: port, containerPort: port, protocol: 'tcp' }]
  return {
    argv: [plugin.path],
    env: {
      PATH,
      CNI_COMMAND: verb,
      CNI_CONTAINERID: containerID,
      CNI_NETNS: netns,
      CNI_IFNAME: 'eth0',
      CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAME=${containerID}`,
      CNI_PATH: PLUGIN_FOLDER,
    },
    input: JSON.stringify({
      cniVersion: network.cniVersion,
      name: network.name,
      ...plugin.conf,
      ...(publishes && { runtimeConfig: { portMappings: mappings } }),
      ...(prevResult !== undefined && { prevResult }),
    }),
  }
}

function hasCapability({ conf }: Plugin, name: string): boolean {
  const capabilities = conf['capabilities']
  return typeof capabilities === 'object' && capabilities !== null && name in capabilities
}

function failureOf({ path }: Plugin, ended: { stdout: string; stderr: string; exitCode: number }): string {
  const said = (ended.stdout || ended.stderr).replace(/\s+/g, ' ').trim()
  return `${path.slice(path.lastIndexOf('/') + 1)}: exit code ${ended.exitCode}: ${said.slice(0, 400)}`
}
