// The only module that prints: answers and events on standard output, as text or JSON; problems and progress
// on standard error. A reader that closes the pipe early (`| head`) is not an error.

import { createInterface } from 'node:readline'
import { CniCode, type CniError, errnoCode } from '../cni/error.ts'
import type { Answer } from './command.ts'
import { readSecret, releaseInput } from './secret.ts'
import { harmless, harmlessJson } from './text/harmless.ts'
import type { Terminal } from './terminal.ts'
import { COLOURED, PLAIN, wantsColour } from './text/theme.ts'

/** Standard output and error of one run of the command line. */
export interface Output {
  readonly terminal: Terminal
  readonly answer: (answer: Answer) => void
  readonly text: (text: string) => void
  /** Reports an operator's error; with --json also as a document. */
  readonly failure: (error: CniError) => void
  /** Reports a misused command line in the same way. */
  readonly misunderstood: (problem: string, hint: string) => void
  /** Releases the keyboard and erases the progress line. */
  readonly end: () => void
}

/**
 * Opens the output.
 * @param isJson print JSON for programs
 * @param unable the exit code when the answer cannot be written
 */
export function openOutput(isJson: boolean, unable: number): Output {
  const { stdout, stderr } = process
  const gone = new AbortController()
  const stop = (): void => gone.abort()
  const keyboard = watchKeyboard(gone)
  let isUnread = false
  // Without a listener Node would end with a stack trace here.
  stdout.on('error', (error) => {
    isUnread = true
    stop()
    if (errnoCode(error) === 'EPIPE') return
    // For example, the disk is full: the command has succeeded, but its answer is lost.
    complain(`flatnet-cni: cannot write the output\n  ${error.message}\n`)
    process.once('exit', () => (process.exitCode = unable))
  })
  stderr.on('error', () => undefined)
  const theme = wantsColour(stdout.isTTY, process.env) ? COLOURED : PLAIN
  const isWatched = stderr.isTTY && process.env['TERM'] !== 'dumb'
  let shown = ''
  const progress = (text: string): void => {
    if (!isWatched || text === shown) return
    // ECMA-48: carriage return, erase to the end of the line. A terminal without a known size
    // reports 0 columns.
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
      note: (text) => complain(text.endsWith('\n') ? text : `${text}\n`),
      // Commands that read this signal end by it; all others end by Ctrl-C itself.
      get gone() {
        keyboard.watch()
        return gone.signal
      },
      emit: (data, render) => {
        isStream = true
        write(isJson ? lineOf(data) : harmless(render(theme)))
      },
      secret: (question) => {
        progress('')
        return readSecret(`${question}: `)
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
      releaseInput()
      keyboard.release()
    },
  }
}

// Ctrl-C aborts. The listener stays after the first one: signal-exit (of proper-lockfile) ends a process
// that has no listener of its own. A second Ctrl-C ends a command that goes on.
function watchKeyboard(gone: AbortController): { watch: () => void; release: () => void } {
  const release = (): void => void process.removeListener('SIGINT', interrupt)
  const interrupt = (): void => {
    if (!gone.signal.aborted) return gone.abort()
    release()
    process.kill(process.pid, 'SIGINT')
  }
  const watch = (): void => {
    if (!process.listeners('SIGINT').includes(interrupt)) process.on('SIGINT', interrupt)
  }
  return { watch, release }
}

/** Returns "flatnet-cni: range exhausted" and the details below it. */
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

// Asks on standard error, because standard output belongs to the answer. Ctrl-C and Ctrl-D mean no.
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
