// Has V8 compile some functions of a script without running them. Only V8's inspector offers that: it looks
// for places for breakpoints in a function, and compiles the function for that (Chrome DevTools Protocol,
// Debugger.getPossibleBreakpoints).

import { type Debugger, Session } from 'node:inspector'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import type { FunctionRange } from './functions.ts'

/** Compiles a script and, of its functions, only these. Throws Error where V8 does not. */
export function compileSome(source: string, filename: string, chosen: readonly FunctionRange[]): Script {
  const session = new Session()
  session.connect()
  let scriptId = ''
  session.on('Debugger.scriptParsed', ({ params }) => {
    if (params.url === filename) ({ scriptId } = params)
  })
  session.post('Debugger.enable')
  // V8 forgets the code of functions that do not run for a while.
  setFlagsFromString('--no-flush-bytecode')
  const script = new Script(source, { filename })
  // The inspector hears of a script only when it runs. Ours is one function expression: nothing happens.
  script.runInThisContext()
  const place = placesIn(source)
  for (const { end } of chosen) {
    // The innermost function at its last character is the function itself.
    const request = { start: { scriptId, ...place(end - 1) }, end: { scriptId, ...place(end) } }
    session.post('Debugger.getPossibleBreakpoints', { ...request, restrictToFunction: true }, (error) => {
      if (error !== null) throw new Error(`V8 does not compile the function before ${end}: ${error.message}`)
    })
  }
  session.disconnect()
  setFlagsFromString('--flush-bytecode')
  return script
}

// Lines and columns count from 0.
function placesIn(source: string): (offset: number) => Omit<Debugger.Location, 'scriptId'> {
  const lineStarts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)]
  return (offset) => {
    const lineNumber = lineStarts.findLastIndex((start) => start <= offset)
    return { lineNumber, columnNumber: offset - (lineStarts[lineNumber] ?? 0) }
  }
}
