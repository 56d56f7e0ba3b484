// A host of the bench: a network namespace with its links, a folder on disk, and a worker process inside.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { deleteNamespaces, makeHostLinks, netnsPath } from './links.ts'
import type { Answer, Attachment, Environment, Measured, Task } from '../process/task.ts'

export interface Host {
  readonly name: string
  /** The folder of its state, on a real file system, because both sides write files. */
  readonly folder: string
  /**
   * Runs a program on the host.
   * @throws Error when it fails
   */
  readonly program: (argv: readonly string[], env?: Environment, input?: string) => Promise<Measured>
  /**
   * Adds an attachment like a runtime.
   * @throws Error when it fails
   */
  readonly add: (attachment: Attachment) => Promise<Measured>
  /**
   * Deletes an attachment.
   * @throws Error when it fails
   */
  readonly del: (attachment: Attachment, result: unknown) => Promise<Measured>
  /** Starts all ADDs at the same time; the timings include failures. */
  readonly addTogether: (attachments: readonly Attachment[]) => Promise<Answer>
  /** Starts all DELs at the same time; the timings include failures. */
  readonly delTogether: (attachments: readonly Attachment[], results: readonly unknown[]) => Promise<Answer>
  /** Stops the worker and removes the namespace. */
  readonly remove: () => Promise<void>
}

const WORKER = join(import.meta.dirname, '../process/worker.ts')

/**
 * Creates a host.
 * @param name at most 11 bytes, since link names contain it
 */
export async function makeHost(name: string, work: string): Promise<Host> {
  const folder = join(work, name)
  mkdirSync(folder, { recursive: true })
  makeHostLinks(name)
  const worker = spawn('nsenter', [`--net=${netnsPath(name)}`, process.execPath, WORKER], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await reply(worker)
  const ask = async (task: Task): Promise<Answer> => {
    worker.send(task)
    return (await reply(worker)) as Answer
  }
  const succeed = async (task: Task): Promise<Measured> => {
    const { whole } = await ask(task)
    if (whole.failure !== undefined) throw new Error(`on ${name}: ${whole.failure}`)
    return whole
  }
  return {
    name,
    folder,
    program: (argv, env = {}, input = '') => succeed({ task: 'program', argv, env, input }),
    add: (attachment) => succeed({ task: 'add', attachment }),
    del: (attachment, result) => succeed({ task: 'del', attachment, result }),
    addTogether: (attachments) => ask({ task: 'add together', attachments }),
    delTogether: (attachments, results) => ask({ task: 'del together', attachments, results }),
    remove: async () => {
      const ended = once(worker, 'exit')
      worker.disconnect()
      await ended
      deleteNamespaces([name])
    },
  }
}

async function reply(worker: ChildProcess): Promise<unknown> {
  const waiting = new AbortController()
  try {
    const { signal } = waiting
    const gone = once(worker, 'exit', { signal }).then(() => {
      throw new Error('a worker ended by itself')
    })
    const [message] = await Promise.race([once(worker, 'message', { signal }), gone])
    return message
  } finally {
    waiting.abort()
  }
}
