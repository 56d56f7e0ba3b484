// `flatnet-cni ca status`: the CAs of the office, and which hosts trust and use which.

import { CniCode, CniError } from '../../../cni/error.ts'
import { listAuthorities } from '../../../office/list-authorities.ts'
import { caProgress } from '../../../office/ca-progress.ts'
import { lastStep } from '../../../provision/office/ca-steps.ts'
import { askAuthorities, type Asked } from '../../../setup/ask-authorities.ts'
import { isThere } from '../../../state/files/output-file.ts'
import { type Office, openOffice } from '../../../state/office/folder.ts'
import { type Call, type Handler } from '../../command.ts'
import type { Theme } from '../../terminal.ts'
import { drawTable } from '../../text/grid.ts'
import { officeOf } from '../office-option.ts'
import { progressText, stepNumber } from './text.ts'

export const status: Handler = async (call) => {
  const office = officeHere(call)
  const asked = await askAuthorities()
  if (office === undefined && 'why' in asked)
    throw new CniError(
      CniCode.IoFailure,
      'neither an office nor a host',
      `no office in ${officeOf(call)}, and the agent: ${asked.why}; name the office with --office, or run ` +
        'this on a host',
    )
  const authorities = office === undefined ? [] : listAuthorities(office)
  const last = lastStep(office?.ledger().entries ?? [])
  const hosts = 'why' in asked ? [] : asked.hosts
  const progress =
    office === undefined || last === undefined || 'why' in asked ? undefined : caProgress(office, last, hosts)
  return {
    data: {
      authorities,
      step: last === undefined ? null : stepNumber(last.step),
      hosts: 'why' in asked ? null : hosts,
      problem: 'why' in asked ? asked.why : null,
      progress: progress ?? null,
    },
    render: (theme) =>
      [
        authoritiesText(authorities, theme),
        hostsText(asked, theme),
        progress === undefined ? '' : `Last step: ${progressText(progress, theme)}`,
      ].join(''),
  }
}

function officeHere(call: Call): Office | undefined {
  const folder = officeOf(call)
  return call.value('office') === undefined && !isThere(folder) ? undefined : openOffice(folder)
}

function authoritiesText(authorities: ReturnType<typeof listAuthorities>, theme: Theme): string {
  if (authorities.length === 0) return ''
  const rows = authorities.map(({ fingerprint, notAfter, state, key }) => [
    short(fingerprint),
    notAfter.slice(0, 10),
    state,
    key,
  ])
  return `${drawTable(theme, ['CA', 'UNTIL', 'STATE', 'KEY'], rows)}\n`
}

function hostsText(asked: Asked, theme: Theme): string {
  if ('why' in asked) return `${theme.dim(`Hosts are not asked from here: ${asked.why}`)}\n`
  const rows = asked.hosts.map(({ name, signedBy, trusts, silent }) =>
    silent === null
      ? [name, signedBy === null ? '?' : short(signedBy), trusts.map(short).join(', ')]
      : [name, '-', theme.warn(silent)],
  )
  return drawTable(theme, ['HOST', 'CERTIFICATE OF', 'TRUSTS'], rows)
}

function short(fingerprint: string): string {
  return fingerprint.slice(0, 16)
}
