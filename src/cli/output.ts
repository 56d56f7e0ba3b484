// The one place that prints: answers and events on standard output, as text or JSON; problems and progress on standard
// error. A reader that goes away (`| head`) is no fault.

import { createInterface } from 'node:readline'
import { CniCode, type CniError, errnoCode } from '../cni/error.ts'
import type { Answer } from './command.ts'
import { harmless, harmlessJson } from './harmless.ts'
import type { Terminal } from './terminal.ts'
import { COLOURED, PLAIN, wantsColour } from './theme.ts'

/** Standard output and error of one run of the command line. */
export interface Output {
  readonly terminal: Terminal
  readonly answer: (answer: Answer) => void
  readonly text: (text: string) => void
  /** A failure that an operator can meet; with --json also as a document. */
  readonly failure: (error: CniError) => void
  /** The same for a line that makes no sense. */
  readonly misunderstood: (problem: string, hint: string) => void
  /** Lets go of the keyboard and takes what is left of progress away. */
  readonly end: () => void
}

/** @param isJson what programs read is wanted @param unable the exit code when the answer cannot be written */
export function openOutput(isJson: boolean, unable: number): Output {
  const { stdout, stderr } = process
  const gone = new AbortController()
  const stop = (): void => gone.abort()
  let isUnread = false
  // Without a listener Node ends with a stack trace here.
  stdout.on('error', (error) => {
    isUnread = true
    stop()
    if (errnoCode(error) === 'EPIPE') return
    // A disk that is full: what was asked for is done, and nobody can read what came of it.
    complain(`flatnet-cni: the answer could not be written\n  ${error.message}\n`)
    process.once('exit', () => (process.exitCode = unable))
  })
  stderr.on('error', () => undefined)
  const theme = wantsColour(stdout.isTTY, process.env) ? COLOURED : PLAIN
  const isWatched = stderr.isTTY && process.env['TERM'] !== 'dumb'
  let shown = ''
  const progress = (text: string): void => {
    if (!isWatched || text === shown) return
    // ECMA-48: carriage return, erase to the end of the line. A terminal that nobody has sized has 0 columns.
    stderr.write(`\r\u001b[K${harmless(text).slice(0, (stderr.columns || 80) - 1)}`)
    shown = text
  }
  let isStream = false
  const write = (text: string): void => {
    progress('')
    if (!isUnread) stdout.write(text)
  }
  const complain = (text: string): void => {
    progress('')
    stderr.write(harmless(text))
  }
  const isInteractive = process.stdin.isTTY && stderr.isTTY
  return {
    terminal: {
      isInteractive,
      theme,
      progress,
      // Whoever asks ends by it; all others end by Ctrl-C itself.
      get gone() {
        if (!process.listeners('SIGINT').includes(stop)) process.once('SIGINT', stop)
        return gone.signal
      },
      emit: (data, render) => {
        isStream = true
        write(isJson ? lineOf(data) : harmless(render(theme)))
      },
      confirm: async (question) => (isInteractive ? ask(question) : false),
    },
    answer: ({ data, render, isSilent = false }) => {
      if (!isSilent) write(isJson ? documentOf(data) : harmless(render(theme)))
    },
    text: (text) => write(harmless(text)),
    failure: (error) => {
      const data = { error: errorData(error) }
      if (isJson) write(isStream ? lineOf({ version: 1, ...data }) : documentOf(data))
      complain(failureText(error))
    },
    misunderstood: (problem, hint) => {
      const error = { code: CniCode.InvalidEnvironment, message: problem, details: hint }
      if (isJson) write(documentOf({ error }))
      complain(`flatnet-cni: ${problem}\n${hint}\n`)
    },
    end: () => {
      progress('')
      process.removeListener('SIGINT', stop)
    },
  }
}

/** "flatnet-cni: range exhausted" and the details under it. */
function failureText({ message, details }: CniError): string {
  const lines = details === '' ? [] : details.split('\n').map((line) => `  ${line}\n`)
  return `flatnet-cni: ${message}\n${lines.join('')}`
}

function errorData({ code, message, details }: CniError): object {
  return { code, message, details }
}

function lineOf(data: object): string {
  return harmlessJson(`${JSON.stringify(data)}\n`)
}

function documentOf(data: object): string {
  return harmlessJson(`${JSON.stringify({ version: 1, ...data }, null, 2)}\n`)
}

// On standard error: standard output belongs to the answer. Ctrl-C and Ctrl-D are a no.
function ask(question: string): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  return new Promise((resolve) => {
    reader.once('close', () => resolve(false))
    reader.question(`${question} [y/N] `, (text) => {
      resolve(/^y(es)?$/i.test(text.trim()))
      reader.close()
    })
  })
}
