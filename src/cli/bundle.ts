// `flatnet-cni bundle`: everything that somebody who helps from afar asks for, in one archive. Equal states make equal bytes.

import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { refuseRootless } from '../exec/proc.ts'
import { writeOutput } from '../state/output-file.ts'
import { anonymous } from './bundle/anonymous.ts'
import { fileParts } from './bundle/file-parts.ts'
import { hostParts } from './bundle/host-parts.ts'
import { kernelParts } from './bundle/kernel-parts.ts'
import { withoutKeys } from './bundle/keys.ts'
import { type Content, gatherParts } from './bundle/parts.ts'
import { tarOf } from './bundle/tar.ts'
import type { Handler } from './command.ts'
import { lookAtStatus } from './status.ts'

const FOLDER = 'flatnet-bundle'

export const bundle: Handler = async (call, { progress }) => {
  refuseRootless()
  const isAnonymous = call.has('anonymise')
  const file = resolve(call.value('output') ?? `${FOLDER}.tar.gz`)
  progress('status')
  const report = await lookAtStatus(new Date())
  const { settings } = report.host
  const parts = [...hostParts(report, settings), ...kernelParts(), ...fileParts(settings)]
  const { contents, failures } = await gatherParts(parts, progress)
  const all = new Map<string, Content>([...contents, ['failures.json', { json: failures }]])
  const shown = isAnonymous ? anonymous(all, report, settings) : all
  const entries = [...shown].map(([path, content]) => ({
    path: `${FOLDER}/${path}`,
    bytes: Buffer.from(withoutKeys(textOf(content))),
  }))
  const bytes = gzipSync(tarOf(entries), { level: 9 })
  writeOutput(file, bytes)
  const names = entries.map(({ path }) => path).toSorted()
  return {
    data: { file, bytes: bytes.length, anonymised: isAnonymous, entries: names, failures },
    render: (theme) => {
      const rest = failures.map(({ part, reason }) => `${theme.warn('!')} without ${part}: ${reason}\n`)
      const note = isAnonymous
        ? 'Names and addresses are replaced. Look through it before you send it.'
        : 'It has no private key, and all names and addresses: --anonymise replaces them.'
      return `${file}: ${String(names.length)} files, ${String(bytes.length)} bytes\n${rest.join('')}${note}\n`
    },
  }
}

function textOf(content: Content): string {
  return 'text' in content ? content.text : `${JSON.stringify(content.json, null, 2)}\n`
}
