// The words of `flatnet-cni statement`.

import type { HandedOver } from '../../../setup/hand-over.ts'
import type { Statement } from '../../../provision/statement/statement.ts'
import { introducedBy } from '../../../provision/statement/authorities.ts'
import type { Theme } from '../../terminal.ts'

/** Returns what --json prints of a statement that this host took. */
export function handedData({ taken, signed, agent, renewed }: HandedOver): object {
  return {
    taken,
    statement: statementData(signed.statement),
    passedOn: agent === undefined,
    problem: agent ?? null,
    renewed:
      renewed === undefined
        ? null
        : { notAfter: new Date(renewed.notAfter * 1000).toISOString(), next: renewed.next ?? null },
  }
}

/** Returns what --json prints of a statement: what it says, with times as everywhere. */
export function statementData(statement: Statement): object {
  if (statement.kind !== 'revocation') return statement
  const revoked = statement.revoked.map((each) => ({
    ...each,
    notAfter: new Date(each.notAfter * 1000).toISOString(),
  }))
  return { ...statement, revoked }
}

/** Renders what became of a statement on this host. */
export function handedText({ taken, signed, agent, renewed }: HandedOver, theme: Theme): string {
  const what = `${headline(signed.statement)}: ${taken === 'new' ? 'taken' : 'this host has it already'}`
  const passed =
    agent === undefined
      ? `${what}. The agent passes it on to every host that it reaches; others get it when they are back.\n`
      : `${what}. ${theme.warn('It is not passed on yet')}: ${agent}\n`
  return `${passed}${renewedText(renewed, theme)}`
}

function renewedText(renewed: HandedOver['renewed'], theme: Theme): string {
  if (renewed === undefined) return ''
  const until = new Date(renewed.notAfter * 1000).toISOString().slice(0, 10)
  const has = `This host has its renewed certificate, valid until ${until}.\n`
  return renewed.next === undefined
    ? has
    : `${has}${theme.warn('Nebula does not run')}. Next: ${renewed.next}\n`
}

/** Renders the statements of this host. */
export function listText(
  statements: readonly Statement[],
  problems: readonly string[],
  theme: Theme,
): string {
  const wrong = problems.map((problem) => `${theme.bad('✗')} ${problem}\n`)
  if (statements.length === 0)
    return `no statements: the office has decided nothing since this host joined\n${wrong.join('')}`
  return statements
    .map((statement) => {
      return `${headline(statement)}\n${linesOf(statement)
        .map((line) => `    ${line}\n`)
        .join('')}`
    })
    .concat(wrong)
    .join('')
}

function headline(statement: Statement): string {
  const { kind, office, at } = statement
  return `${kind} of office ${office}, ${at}, ${contentOf(statement)}`
}

function contentOf(statement: Statement): string {
  switch (statement.kind) {
    case 'introduction':
      return 'a new CA'
    case 'retirement':
      return counted(statement.retired.length, 'CA')
    case 'revocation':
      // A certificate of P-256 has two.
      return counted(statement.revoked.length, 'fingerprint')
    case 'renewal':
      return counted(statement.certificates.length, 'certificate')
  }
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`
}

function linesOf(statement: Statement): readonly string[] {
  if (statement.kind === 'revocation')
    return statement.revoked.map(({ name, fingerprint }) => `${name}  ${fingerprint}`)
  if (statement.kind === 'retirement') return statement.retired
  const introduced = statement.kind === 'introduction' ? introducedBy(statement) : undefined
  return introduced === undefined ? [] : [introduced.fingerprint]
}
