// `flatnet-cni statement import` and `statement list`.

import { resolve } from 'node:path'
import { readCaPool } from '../../../host/identity/agent-identity.ts'
import { heldStatements } from '../../../host/identity/statements.ts'
import { loadSettings } from '../../../host/identity/settings.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import { handOver } from '../../../setup/hand-over.ts'
import { readRequired } from '../../../state/files/source-file.ts'
import type { Handler } from '../../command.ts'
import { handedData, handedText, listText, statementData } from './text.ts'

export const take: Handler = async (call) => {
  refuseRootless()
  const file = resolve(call.operands[0] ?? '')
  const text = readRequired(file, 'statement', 'give the file that `flatnet-cni host revoke` wrote')
  const handed = await handOver(text, file)
  return { data: handedData(handed), render: (theme) => handedText(handed, theme) }
}

export const list: Handler = async () => {
  const settings = loadSettings({})
  const { bySlot, problems } = heldStatements(settings, readCaPool(settings))
  const statements = [...bySlot.values()].map(({ statement }) => statement)
  return {
    data: { statements: statements.map(statementData), problems },
    render: (theme) => listText(statements, problems, theme),
    exitCode: problems.length === 0 ? 0 : 1,
  }
}
