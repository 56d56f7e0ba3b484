// Kills podman 5, its netavark or our driver while a container is started or stopped, and goes on as a user
// does.

import { createHash } from 'node:crypto'
import type { Scope } from '../../test/fixtures/clean-up.ts'
import { networkOf, sleeping } from '../../test/fixtures/runtimes/podman5/containers.ts'
import { makePodman5, type Podman5 } from '../../test/fixtures/runtimes/podman5/host.ts'

/** What is killed, during which command, and how long after it appears. */
interface Podman5Kill {
  readonly program: 'flatnet-cni' | 'netavark' | 'podman'
  readonly verb: 'start' | 'stop'
  readonly afterMs: number
}

const NAME = 'web'
const PROGRAMS = ['flatnet-cni', 'netavark', 'podman'] as const
// About as long as each lives on a busy machine.
const LONGEST_MS = { 'flatnet-cni': 400, netavark: 500, podman: 1500 } as const

/** The kill of that number in a run with that seed: each program and command in turn, at a random moment. */
export function podman5Kill(seed: number, index: number): Podman5Kill {
  const random = createHash('sha256')
    .update(`${String(seed)} ${String(index)}`)
    .digest()
    .readUInt32BE()
  const program = PROGRAMS[index % PROGRAMS.length] ?? 'podman'
  const verb = Math.floor(index / PROGRAMS.length) % 2 === 0 ? 'start' : 'stop'
  return { program, verb, afterMs: random % LONGEST_MS[program] }
}

/** Makes a host with one container, whose port is published. */
export async function makePodman5Victim(scope: Scope): Promise<Podman5> {
  const podman5 = await makePodman5(scope, 'trixie')
  await podman5.podman(['network', 'create', '-d', 'flatnet-cni', 'flatnet'])
  await begin(podman5)
  return podman5
}

// A killed podman leaves netavark and the driver at work: they are waited for.
const KILL = `program=$1 seconds=$2; shift 2
podman "$@" >/dev/null 2>&1 & command=$!
while kill -0 "$command" 2>/dev/null; do
  if busybox pidof "$program" >/dev/null; then
    sleep "$seconds"
    pids=$(busybox pidof "$program") && kill -9 $pids 2>/dev/null && echo killed
    break
  fi
  sleep 0.02
done
wait "$command"
while busybox pidof flatnet-cni netavark >/dev/null; do sleep 0.1; done`

/**
 * Kills once, and starts the container again. A killed podman may leave crun's container behind, which podman
 * 5.4 cannot start: only then it is removed and made again.
 * @returns whether something was killed, and the faults
 */
export async function survivePodman5Kill(
  podman5: Podman5,
  { program, verb, afterMs }: Podman5Kill,
): Promise<{ readonly killed: boolean; readonly faults: readonly string[] }> {
  const { exec, podman, tries } = podman5
  const what = `${program} killed ${String(afterMs)} ms into podman ${verb}`
  const { IPAddress: address } = await networkOf(podman5, NAME)
  if (verb === 'start') await podman(['stop', '-t', '0', NAME])
  const args = verb === 'start' ? ['start', NAME] : ['stop', '-t', '0', NAME]
  const { stdout } = await exec(['sh', '-c', KILL, 'sh', program, String(afterMs / 1000), ...args], {
    check: false,
  })
  await tries(['stop', '-t', '0', NAME])
  const started = await tries(['start', NAME])
  const isNew = started.exitCode !== 0
  const faults: string[] = []
  if (isNew) {
    if (program !== 'podman') faults.push(`${what}: start fails: ${started.stderr}`)
    // podman calls no teardown for it, and its address is free all the same.
    await podman(['rm', '-f', '-t', '0', NAME])
    await begin(podman5, ['--ip', address])
  }
  const { IPAddress: now } = await networkOf(podman5, NAME)
  if (now !== address) faults.push(`${what}: ${address} became ${now}`)
  const ping = await tries(['exec', NAME, 'ping', '-c', '1', '-W', '20', '10.87.2.10'])
  if (ping.exitCode !== 0) faults.push(`${what}: the container reaches nothing: ${ping.stderr}`)
  return { killed: stdout.includes('killed'), faults }
}

/** Removes the container, and collects what killed ones left behind. */
export async function endPodman5Victim({ host, exec, podman }: Podman5): Promise<readonly string[]> {
  await podman(['rm', '-f', '-t', '0', NAME])
  await exec(['/opt/cni/bin/flatnet-cni', 'gc'])
  return (await host.remains()).map((thing) => `left behind: ${thing}`)
}

async function begin(podman5: Podman5, options: readonly string[] = []): Promise<void> {
  await sleeping(podman5, NAME, ['--network', 'flatnet', '-p', '8080:80', ...options])
}
