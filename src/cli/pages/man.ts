// Generates manual pages from the table of commands (man(7), groff_man(7)).

import { type CommandSpec, operandText, optionsOf } from '../command.ts'
import { exitMeaning, optionText, usage } from './help.ts'

interface ManualPage {
  /** "flatnet-cni-path.8" */
  readonly file: string
  readonly text: string
}

/** Returns the pages of the program and of each command; subcommands share their parent's page. */
export function manualPages(root: CommandSpec): readonly ManualPage[] {
  const pages = (root.subcommands ?? []).map((spec) => ({
    file: `flatnet-cni-${spec.name}.8`,
    text: commandPage(spec),
  }))
  return [{ file: 'flatnet-cni.8', text: programPage(root) }, ...pages]
}

function programPage(root: CommandSpec): string {
  const commands = (root.subcommands ?? []).map((spec) =>
    tagged(
      `\\fB${roff(spec.name)}\\fR`,
      `${roff(spec.summary)}; see \\fBflatnet-cni-${roff(spec.name)}\\fR(8)`,
    ),
  )
  return page('flatnet-cni', root.summary, [
    section('SYNOPSIS', [`.B flatnet-cni\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR]`]),
    section('DESCRIPTION', paragraphs(root.description ?? [])),
    section('COMMANDS', commands),
    section(
      'EXIT STATUS',
      paragraphs([
        'See the page of each command. A usage error is 2, or 3 where 2 means that something is wrong.',
      ]),
    ),
  ])
}

function commandPage(spec: CommandSpec): string {
  const name = `flatnet-cni ${spec.name}`
  const subs = spec.subcommands ?? []
  const synopsis =
    subs.length === 0 ? [usage(spec, name)] : subs.map((sub) => usage(sub, `${name} ${sub.name}`))
  const own = subs.length === 0 ? [spec] : subs
  return page(`flatnet-cni-${spec.name}`, spec.summary, [
    section('SYNOPSIS', [synopsis.map((line) => `.B ${roff(line)}`).join('\n.br\n')]),
    section('DESCRIPTION', [
      ...paragraphs(spec.description ?? []),
      ...subs.flatMap((sub) => [
        tagged(`\\fB${roff(sub.name)}\\fR`, roff(sub.summary)),
        ...paragraphs(sub.description ?? []),
      ]),
    ]),
    section(
      'OPERANDS',
      unique(
        own.flatMap(({ operands = [] }) =>
          operands.map((each) => tagged(`\\fI${roff(operandText(each))}\\fR`, roff(each.summary))),
        ),
      ),
    ),
    section(
      'OPTIONS',
      unique(
        own.flatMap((each) =>
          optionsOf(each).map((option) =>
            tagged(`\\fB${roff(optionText(option))}\\fR`, roff(option.summary)),
          ),
        ),
      ),
    ),
    section(
      'EXAMPLES',
      own.flatMap(({ examples = [] }) =>
        examples.map(({ line, says }) => tagged(`\\fB${roff(line)}\\fR`, roff(says))),
      ),
    ),
    section('EXIT STATUS', paragraphs([`${exitMeaning(spec)}.`])),
    section('SEE ALSO', ['\\fBflatnet-cni\\fR(8)']),
  ])
}

function page(name: string, summary: string, sections: readonly string[]): string {
  const head = `.TH ${roff(name).toUpperCase()} 8 "" "flatnet-cni" "System Administration"`
  return (
    [head, `.SH NAME\n${roff(name)} \\- ${roff(summary)}`, ...sections.filter((text) => text !== '')].join(
      '\n',
    ) + '\n'
  )
}

function section(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? '' : `.SH ${title}\n${parts.join('\n')}`
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.map((text) => `.PP\n${roff(text)}`)
}

// Both arguments are already roff.
function tagged(term: string, text: string): string {
  return `.TP\n${term}\n${text}`
}

function unique(parts: readonly string[]): string[] {
  return [...new Set(parts)]
}

// A dot or an apostrophe at the start of a line is a request. A plain dash may be typeset as a hyphen, which
// breaks copying.
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^([.'])/, '\\&$1')
}
