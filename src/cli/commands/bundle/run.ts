// `flatnet-cni bundle`: collects everything that remote support asks for in one archive. Equal states yield
// equal bytes.

import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { refuseRootless } from '../../../kernel/proc.ts'
import { writeOutput } from '../../../state/files/output-file.ts'
import { anonymous } from './anonymous.ts'
import { fileParts } from './file-parts.ts'
import { hostParts } from './host-parts.ts'
import { kernelParts } from './kernel-parts.ts'
import { withoutKeys } from './keys.ts'
import { type Content, gatherParts } from './parts.ts'
import { tarOf } from './tar.ts'
import type { Handler } from '../../command.ts'
import { lookAtStatus } from '../status/report.ts'

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
        ? 'Names and addresses are replaced. Read the archive before you send it.'
        : 'Private keys are left out; names and addresses are included. Use --anonymise to replace them.'
      return (
        `${file}: ${String(names.length)} files, ${String(bytes.length)} ` +
        `bytes\n${rest.join('')}${note}\n`
      )
    },
  }
}

function textOf(content: Content): string {
  return 'text' in content ? content.text : `${JSON.stringify(content.json, null, 2)}\n`
}
