// Holds a host: one process in its own namespaces, whose end is the end of everything in them
// (pid_namespaces(7)).

import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { markProcess, type ProcessMark } from '../process.ts'
import { STANDARD_PATH } from '../run.ts'

interface Held {
  readonly name: string
  /** Path of the network namespace. */
  readonly netns: string
  /** Runs as the first process; prints its ID as processes outside know it, and does not end. */
  readonly script: string
  readonly args: readonly string[]
}

/**
 * Starts the process in new namespaces for mounts, processes, IPC and the host name.
 * @returns the process that the script names
 * @throws Error with the script's output when it ends before that
 */
export async function hold({ name, netns, script, args }: Held): Promise<ProcessMark> {
  const unshare = ['unshare', '--mount', '--uts', '--ipc', '--pid', '--fork', '--kill-child']
  const shell = ['sh', '-c', script, 'sh', ...args]
  const argv = [`--net=${netns}`, ...unshare, '--propagation', 'private', '--', ...shell]
  // A separate session: Ctrl-C is for the lab, which then stops its hosts in order.
  const holder = execa('nsenter', argv, {
    detached: true,
    cleanup: false,
    extendEnv: false,
    env: { PATH: STANDARD_PATH },
    stdin: 'ignore',
    reject: false,
    buffer: false,
  })
  const said: string[] = []
  holder.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  const pid = await firstLine(holder.stdout)
  if (pid === undefined) throw new Error(`${name} did not start: ${said.join('').trim()}`)
  holder.stdout.destroy()
  holder.stderr.destroy()
  holder.nodeChildProcess.unref()
  return markProcess(Number(pid))
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stream })) return line
  return undefined
}
