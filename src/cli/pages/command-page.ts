// Generates the docs page about the command line from the table of commands.

import { type CommandSpec } from '../command.ts'
import { commandHelp } from './help.ts'

const CHANGING = '`sync`, `gc`, `agent` and other commands that change something'
const REPORTING = 'commands that report: `check`, `status`, `path`, …'

const EXITS = `| exit code | ${CHANGING} | ${REPORTING} |
| --- | --- | --- |
| 0 | done | fine |
| 1 | failed; the reason is on standard error | warnings, with \`--strict\` (\`check\`, \`status\`) |
| 2 | usage error | something is wrong |
| 3 | | could not run: usage error, not root, no such peer, no agent |
| 4 | | no fault was found, but some answers came too late (\`check\`) |`

/** Returns docs/commands.md. */
export function commandPage(root: CommandSpec): string {
  const sections = (root.subcommands ?? []).flatMap((spec) => [
    `## ${spec.name}`,
    block(commandHelp(spec, spec.name)),
    ...(spec.subcommands ?? []).map((sub) => block(commandHelp(sub, `${spec.name} ${sub.name}`))),
  ])
  return `${[
    '# The command line',
    'Generated from the table in `src/cli/commands/` by `node scripts/command-docs.ts`. ' +
      '`--help` and the manual pages in [man/](man) say the\nsame.',
    EXITS,
    'With `--json` every command prints one document with `"version": 1`; ' +
      '`--watch` prints one per line. Failures are documents too, with\n`error`: ' +
      '[json.md](json.md) has an example of each. Output is coloured on terminals only, ' +
      'and never with `NO_COLOR` set.',
    ...sections,
  ].join('\n\n')}\n`
}

function block(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``
}
