// Two ways to run one process until it exits. Neither adds to the environment.

import { spawn, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { Environment } from './task.ts'

/** One process: argv[0] is the executable's path or a name for PATH; `input` is the whole of stdin. */
export interface Launch {
  readonly argv: readonly string[]
  readonly env: Environment
  readonly input: string
}

/** `exitCode` is -1 when the program could not be started or was killed by a signal. */
interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export type Launcher = (launch: Launch) => Promise<Ended>

/** Blocks until the process exits, so that nothing of ours runs beside what is measured. */
export const launchAndWait: Launcher = ({ argv: [file = '', ...args], env, input }) => {
  const { status, stdout, stderr, error } = spawnSync(file, args, { env, input, encoding: 'utf8' })
  return Promise.resolve({
    exitCode: status ?? -1,
    stdout: stdout ?? '',
    stderr: error === undefined ? stderr : error.message,
  })
}

/** Does not block: for processes that run at the same time. */
export const launchBeside: Launcher = async ({ argv: [file = '', ...args], env, input }) => {
  const child = spawn(file, args, { env, stdio: 'pipe' })
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? -1))
  })
  // A program that exits without reading its stdin (EPIPE) is judged by its exit code.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { exitCode, stdout, stderr }
}
