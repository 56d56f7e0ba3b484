// The page of docs about the command line, made from the table of commands.

import { type CommandSpec } from './command.ts'
import { commandHelp } from './help.ts'

const EXITS = `| exit code | \`sync\`, \`gc\`, \`agent\` and other commands that do something | commands that look: \`check\`, \`status\`, \`path\`, … |
| --- | --- | --- |
| 0 | done | fine |
| 1 | failed; the reason is on standard error | warnings, with \`--strict\` (\`check\`, \`status\`) |
| 2 | the line was not understood | something is wrong |
| 3 | | could not run: not understood, not root, no such peer, no agent |`

/** docs/commands.md */
export function commandPage(root: CommandSpec): string {
  const sections = (root.subcommands ?? []).flatMap((spec) => [
    `## ${spec.name}`,
    block(commandHelp(spec, spec.name)),
    ...(spec.subcommands ?? []).map((sub) => block(commandHelp(sub, `${spec.name} ${sub.name}`))),
  ])
  return `${[
    '# The command line',
    'Made from the table in `src/cli/commands/` by `node scripts/command-docs.ts`; the same is in `--help` and in the manual pages of\n[man/](man).',
    EXITS,
    'With `--json` every command prints one document with `"version": 1`; `--watch` prints one a line. Failures are documents too, with\n`error`: [json.md](json.md) has an example of each. Colour goes to a terminal only, and not where `NO_COLOR` is set.',
    ...sections,
  ].join('\n\n')}\n`
}

function block(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``
}
