// Prints the demo: chapters, commands with their output, and statements that hold or fail.
import type { Place } from '../lab/host/place.ts'

let chapters = 0
const held: string[] = []
const broken: string[] = []

export const NARRATOR = { chapter, say, command, expect, verdict }

function chapter(title: string): void {
  chapters += 1
  print(`\n${chapters}. ${title}`)
}

function say(line: string): void {
  print(`   ${line}`)
}

/**
 * Runs a command in a place, shows it with its output, and returns the output. A failing command is a
 * failed statement.
 */
async function command(place: Place, argv: readonly string[]): Promise<string> {
  print(`   ${place.name}$ ${argv.map(quote).join(' ')}`)
  const { stdout, stderr, exitCode } = await place.exec(argv, { check: false })
  for (const line of [stdout, exitCode === 0 ? '' : stderr].join('\n').split('\n')) {
    if (line.trim() !== '') print(`      ${line}`)
  }
  if (exitCode !== 0) expect(`${argv[0] ?? ''} on ${place.name} succeeds (exit code ${exitCode})`, false)
  return stdout
}

function expect(statement: string, isTrue: boolean): void {
  ;(isTrue ? held : broken).push(statement)
  print(`   ${isTrue ? '[ok]' : '[FAILED]'} ${statement}`)
}

/**
 * Prints the last line.
 * @returns whether every statement held
 */
function verdict(): boolean {
  print('')
  if (broken.length === 0) print(`demo: all ${held.length} statements held; everything was removed`)
  else print(`demo: FAILED, ${broken.length} of ${held.length + broken.length} statements did not hold`)
  return broken.length === 0
}

function quote(word: string): string {
  return /^[\w./:=@%,+-]+$/.test(word) ? word : `'${word}'`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
