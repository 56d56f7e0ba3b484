// Reads a secret: typed without showing it, or one line of standard input where no terminal is there.

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Asks for a secret. @returns undefined when the input ends without a line, or Ctrl-C is pressed */
export function readSecret(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process
  if (!stdin.isTTY) return oneLine()
  stderr.write(question)
  // readline writes what is typed to its output, so it gets one that shows nothing.
  const hidden = new Writable({ write: (_chunk, _encoding, done: () => void) => done() })
  const reader = createInterface({ input: stdin, output: hidden, terminal: true, historySize: 0 })
  return new Promise((resolve) => {
    reader.once('SIGINT', () => reader.close())
    reader.once('line', (line) => {
      resolve(line)
      reader.close()
    })
    reader.once('close', () => {
      stderr.write('\n')
      resolve(undefined)
    })
  })
}

// A second question gets the second line, so the reader must not swallow more than one.
let lines: AsyncIterator<string> | undefined

async function oneLine(): Promise<string | undefined> {
  lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  const { value, done } = await lines.next()
  return done === true ? undefined : value
}

/** Lets the process end although standard input is still open. */
export function releaseInput(): void {
  if (lines !== undefined) process.stdin.destroy()
}
