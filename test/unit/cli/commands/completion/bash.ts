// Runs the completion script in bash itself.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { PROGRAM } from '../../../../../src/cli/commands.ts'
import { bashCompletion } from '../../../../../src/cli/commands/completion/bash.ts'

// Stands in for the program, which the script asks for peers and addresses.
const PLAY = `
flatnet-cni() {
  [[ "$*" == "completion --list peer" ]] && echo host-b host-c
  [[ "$*" == "completion --list address" ]] && echo 10.87.1.10
}
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_flatnet_cni
printf '%s\\n' "\${COMPREPLY[@]}"
`

t.test('bash completes the line', async (t) => {
  const script = join(t.testdir(), 'script')
  writeFileSync(script, bashCompletion(PROGRAM))
  const complete = (line: string): readonly string[] => {
    // If its input is a socket, bash reads the machine's start-up file: --norc prevents that.
    const { stdout, stderr } = spawnSync(
      'bash',
      ['--norc', '-uc', PLAY, 'bash', script, ...line.split(' ')],
      {
        encoding: 'utf8',
      },
    )
    t.equal(stderr, '', line)
    return stdout.split('\n').filter((word) => word !== '')
  }
  t.same(
    complete('flatnet-cni '),
    (PROGRAM.subcommands ?? []).map(({ name }) => name),
  )
  const cases: [string, string[]][] = [
    ['flatnet-cni statu', ['status']],
    ['flatnet-cni ipam ', ['list', 'show', 'release']],
    ['flatnet-cni ipam release --', ['--force', '--json', '--help']],
    ['flatnet-cni ipam show ', ['10.87.1.10']],
    ['flatnet-cni path ', ['host-b', 'host-c']],
    ['flatnet-cni path host-b --hi', ['--history']],
    ['flatnet-cni drill host-b --for ', []],
    ['flatnet-cni completion p', ['powershell']],
    ['flatnet-cni help dri', ['drill']],
    ['flatnet-cni bundle -o /etc/hostnam', ['/etc/hostname']],
    ['flatnet-cni nonsense ', (PROGRAM.subcommands ?? []).map(({ name }) => name)],
  ]
  for (const [line, words] of cases) t.same(complete(line), words, line)
})
