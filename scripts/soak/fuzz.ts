// Random and damaged calls of the built executable. Asserts for every call that the answer follows the
// protocol, has no stack trace, and leaves the host unchanged if the call was refused.

import fc from 'fast-check'
import type { Scope } from '../../test/fixtures/clean-up.ts'
import { EXECUTABLE } from '../../test/fixtures/host/cni.ts'
import { makeHost, type TestHost } from '../../test/fixtures/host/host.ts'
import { type Outcome, run } from '../lab/run.ts'
import { type Input, inputs } from './inputs.ts'
import { compare, takePicture } from './picture.ts'

/** Makes calls one after another on a separate host. */
interface Fuzzer {
  /**
   * Makes that many calls. Returns the faults with the calls that caused them, and how many calls
   * succeeded.
   */
  readonly fuzz: (seed: number, count: number) => Promise<Fuzzed>
}

interface Fuzzed {
  readonly calls: number
  readonly succeeded: number
  readonly faults: readonly string[]
}

// Comparing costs as much as two refused calls. A change by any call in between stays visible.
const LOOK_EVERY = 5

/** Makes a host with one container, and the function that calls the executable there. */
export async function makeFuzzer(scope: Scope): Promise<Fuzzer> {
  const host = await makeHost(scope)
  await host.add(await host.container())
  const container = await host.container()
  const arbitrary = inputs(host.conf(), {
    CNI_CONTAINERID: container.name,
    CNI_IFNAME: 'eth0',
    CNI_NETNS: container.path,
    CNI_ARGS: 'IgnoreUnknown=1',
    CNI_PATH: '/usr/lib/cni',
  })
  return {
    fuzz: async (seed, count) => {
      const faults: string[] = []
      let [calls, succeeded] = [0, 0]
      let before = await takePicture(host, [container])
      for (const input of fc.sample(arbitrary, { seed, numRuns: count })) {
        const outcome = await call(host, input)
        const problem = problemOf(outcome, input)
        if (problem !== undefined) faults.push(report(problem, input, outcome))
        calls += 1
        if (outcome.exitCode !== 0 && calls % LOOK_EVERY !== 0 && calls !== count) continue
        const changes = compare(before, await takePicture(host, [container]))
        if (outcome.exitCode !== 0 && changes.length > 0) {
          faults.push(
            report(
              `refused, and yet by it or by the ${String(LOOK_EVERY)} before: ${changes.join(', ')}`,
              input,
              outcome,
            ),
          )
        }
        if (changes.length === 0) continue
        succeeded += 1
        // An ADD with another bridge or pool changes what all containers share, so its DEL must follow.
        await call(host, { ...input, env: { ...input.env, CNI_COMMAND: 'DEL' } })
        const left = ownLines(compare(before, await takePicture(host, [container])))
        if (left.length > 0) faults.push(report(`DEL left ${left.join(', ')}`, input, outcome))
        before = await takePicture(host, [container])
      }
      return { calls, succeeded, faults }
    },
  }
}

function ownLines(changes: readonly string[]): readonly string[] {
  return changes.filter((line) => /^[+-] (veth|container|state)/.test(line))
}

// The call sees every disk read-only except its host's folder, because its input may name any path.
function call(host: TestHost, { env, stdin }: Input): Promise<Outcome> {
  const guard = `mount --bind ${host.folder} ${host.folder}\nmount -o remount,bind,ro /\nexec "$0"`
  const argv = ['unshare', '--mount', '--propagation', 'slave', 'sh', '-ec', guard, EXECUTABLE]
  return run(['nsenter', `--net=${host.netns.path}`, ...argv], {
    check: false,
    input: stdin,
    env,
    timeoutMs: 30_000,
  })
}

function problemOf({ exitCode, stdout, stderr }: Outcome, { env }: Input): string | undefined {
  if (/\n\s+at |node:internal|^\w*Error: /m.test(stdout + stderr)) return 'a stack trace'
  const lines = stderr === '' ? [] : stderr.split('\n')
  if (!lines.every((line) => isObject(line))) return 'a word on standard error that is no JSON'
  if (exitCode === 0) {
    const isSilent = env['CNI_COMMAND'] !== 'ADD' && env['CNI_COMMAND'] !== 'VERSION'
    if (isSilent && stdout === '') return undefined
    return isObject(stdout) ? undefined : 'success without a result'
  }
  if (exitCode !== 1) return `exit code ${String(exitCode)}`
  if (!isObject(stdout)) return 'an error that is no JSON'
  const { code, msg, cniVersion } = JSON.parse(stdout) as Record<string, unknown>
  if (typeof code !== 'number' || typeof msg !== 'string' || typeof cniVersion !== 'string') {
    return 'an error without code, msg or cniVersion'
  }
  return code === 999 ? 'an internal error' : undefined
}

function isObject(text: string): boolean {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

function report(problem: string, { env, stdin }: Input, { exitCode, stdout, stderr }: Outcome): string {
  const said = { exitCode, stdout: stdout.slice(0, 400), stderr: stderr.slice(0, 400) }
  return `${problem}: ${JSON.stringify({ env, stdin: stdin.slice(0, 1_000), said })}`
}
