// `flatnet-cni version`.

import type { Handler } from '../../command.ts'
import { programFacts } from '../../program.ts'

export const version: Handler = async () => {
  const facts = programFacts()
  const { program, commit, node, arch } = facts
  return { data: facts, render: () => `flatnet-cni ${program} (commit ${commit}, Node ${node}, ${arch})\n` }
}
