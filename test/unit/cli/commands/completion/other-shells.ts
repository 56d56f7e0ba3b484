// Completion scripts for shells that may be missing on a test machine, judged by their text.
import t from 'tap'
import type { CommandSpec } from '../../../../../src/cli/command.ts'
import { PROGRAM } from '../../../../../src/cli/commands.ts'
import { fishCompletion } from '../../../../../src/cli/commands/completion/fish.ts'
import { powershellCompletion } from '../../../../../src/cli/commands/completion/powershell.ts'
import { zshCompletion } from '../../../../../src/cli/commands/completion/zsh.ts'

const SHOW: CommandSpec = {
  name: 'show',
  summary: "the peer's: all",
  operands: [{ name: 'PEER', summary: 'a peer', takes: 'peer' }],
  options: [
    { name: 'kind', short: 'k', value: 'KIND', takes: ['small', 'large'], summary: "which of this host's" },
  ],
  exits: 'judged',
}
const ROOT: CommandSpec = {
  name: 'flatnet-cni',
  summary: 'x',
  exits: 'done',
  subcommands: [{ name: 'store', summary: 'y', exits: 'judged', subcommands: [SHOW] }],
}

t.test('zsh', async (t) => {
  const script = zshCompletion(ROOT)
  t.match(script, /^#compdef flatnet-cni\n/)
  t.match(script, String.raw`list=('show:the peer'\''s\: all'); _describe command list`)
  t.match(script, '"/store/show --kind" | "/store/show -k") compadd -- small large; return ;;')
  t.match(script, 'compadd -- ${(f)"$(flatnet-cni completion --list peer 2>/dev/null)"}')
})

t.test('fish', async (t) => {
  const script = fishCompletion(ROOT)
  t.match(script, "complete -c flatnet-cni -n '__fish_use_subcommand' -a store -d 'y'")
  t.match(
    script,
    "-n '__fish_seen_subcommand_from store; and not __fish_seen_subcommand_from show' " +
      String.raw`-a show -d 'the peer\'s: all'`,
  )
  t.match(script, String.raw`-l kind -s k -x -a 'small large' -d 'which of this host\'s'`)
  t.match(script, "-a '(flatnet-cni completion --list peer 2>/dev/null)'")
})

t.test('PowerShell', async (t) => {
  const script = powershellCompletion(ROOT)
  t.match(script, "$paths = @('/store', '/store/show')")
  t.match(script, "'/store/show -k' { 'small', 'large'; break }")
  t.match(
    script,
    "'/store/show' { if ($wordToComplete.StartsWith('-')) { '--kind', '--help' } " +
      'else { flatnet-cni completion --list peer } }',
  )
  const count = (text: string): number => script.split(text).length - 1
  t.equal(count('{'), count('}'))
  t.equal(count('('), count(')'))
})

t.test('every script has every command and option of the program', async (t) => {
  for (const make of [zshCompletion, fishCompletion, powershellCompletion]) {
    const script = make(PROGRAM)
    const missing = (PROGRAM.subcommands ?? []).flatMap(({ name, options = [] }) =>
      [name, ...options.map((option) => option.name)].filter((word) => !script.includes(word)),
    )
    t.same(missing, [], make.name)
  }
})
