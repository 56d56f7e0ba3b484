// `flatnet-cni http-gateway install|uninstall|status|render`.

import { loadSettings } from '../../../host/identity/settings.ts'
import { nginxConfiguration } from '../../../host/http-gateway/configuration.ts'
import { installGateway, uninstallGateway } from '../../../host/http-gateway/install.ts'
import { findNginx } from '../../../host/http-gateway/nginx.ts'
import { gatewayState } from '../../../host/http-gateway/state.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import type { Answer, Handler } from '../../command.ts'
import { stateText } from './text.ts'

export const install: Handler = async (call) => {
  refuseRootless()
  const isDry = call.has('dry-run')
  const steps = await installGateway(loadSettings({}), isDry)
  return stepsAnswer(steps, isDry)
}

export const uninstall: Handler = async () => {
  refuseRootless()
  return stepsAnswer(await uninstallGateway(loadSettings({})), false)
}

export const status: Handler = async () => {
  refuseRootless()
  const state = await gatewayState(loadSettings({}))
  const isWrong = state.isInstalled && state.problem !== null
  return { data: state, render: (theme) => stateText(theme, state), exitCode: isWrong ? 2 : 0 }
}

export const render: Handler = async () => {
  const text = nginxConfiguration(loadSettings({}), await findNginx())
  return { data: { text }, render: () => text }
}

function stepsAnswer(steps: readonly string[], isDry: boolean): Answer {
  const lines = steps.map((step) => `${isDry ? 'would ' : ''}${step}\n`)
  return {
    data: { dryRun: isDry, steps },
    render: () => (lines.length === 0 ? 'nothing to do\n' : lines.join('')),
  }
}
