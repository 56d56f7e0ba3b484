// Serves one call of podman's netavark, from its arguments and standard input to its exit code. Standard
// output gets the answer or the error and nothing else. Standard error is the podman user's terminal, so it
// stays empty (netavark, plugin-API.md).

import { fstatSync } from 'node:fs'
import { parseObject } from '../../src/config/shape.ts'
import { renderNetavarkError } from '../../src/netavark/failure.ts'
import type { NetavarkVerb } from '../../src/netavark/verbs.ts'
import { writeWhole } from '../../src/output.ts'
import { readStdin } from '../stdin.ts'
import type { NetavarkCall } from './call.ts'
import { makeNotes } from './notes.ts'

/** Serves one call and resolves to the exit code. @param netns the argument after the verb */
export async function runNetavark(verb: NetavarkVerb, netns: string): Promise<number> {
  const { log, undone, keep } = makeNotes()
  try {
    if (verb === 'info') return write((await import('./info.ts')).info())
    if (isTyped()) {
      writeWhole(2, `flatnet-cni: podman calls "${verb}" itself, with a network on standard input\n`)
      return 2
    }
    if (verb !== 'create') outliveInterrupts()
    const input = parseObject(readStdin('input of netavark'), 'input of netavark')
    return await serve(verb, { input, netns, now: new Date(), log })
  } catch (error) {
    writeWhole(1, renderNetavarkError(error, undone))
    return 1
  } finally {
    await keep()
  }
}

async function serve(verb: Exclude<NetavarkVerb, 'info'>, call: NetavarkCall): Promise<number> {
  switch (verb) {
    case 'create':
      return write(await (await import('./create.ts')).create(call))
    case 'setup': {
      const { setup } = await import('./setup.ts')
      const { answer, undo } = await setup(call)
      if (writeWhole(1, `${answer}\n`)) return 0
      // netavark has ended, and podman tears down only what netavark reported.
      await undo()
      return 1
    }
    case 'teardown':
      await (await import('./teardown.ts')).teardown(call)
      return 0
  }
}

function write(answer: string): number {
  return writeWhole(1, `${answer}\n`) ? 0 : 1
}

// A terminal is a character device, a pipe or a file is not (inode(7)).
function isTyped(): boolean {
  return fstatSync(0).isCharacterDevice()
}

// Ctrl-C reaches podman, netavark and this process alike. It would leave half an attachment, because podman
// repeats neither an interrupted setup nor, up to netavark 1.14, an interrupted teardown. netavark 1.15 and
// later start a teardown with these signals ignored, but Node resets ignored signals when it starts.
function outliveInterrupts(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
}
