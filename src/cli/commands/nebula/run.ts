// `flatnet-cni nebula config`: the configuration that would be rendered for this host, compared and written.

import { CniCode, CniError } from '../../../cni/error.ts'
import { installedNebula } from '../../../exec/nebula/nebula-version.ts'
import { loadOwnCertificate } from '../../../host/identity/agent-identity.ts'
import { loadNebulaConfig, nebulaConfigValue } from '../../../host/identity/nebula-config.ts'
import { ownPlan } from '../../../host/nebula/own-plan.ts'
import { nebulaService } from '../../../host/nebula/service.ts'
import { writeNebulaConfig } from '../../../host/nebula/write-configuration.ts'
import { loadSettings } from '../../../host/identity/settings.ts'
import { refuseRootless } from '../../../kernel/proc.ts'
import { compareNebulaConfig, withKept } from '../../../provision/nebula/compare.ts'
import { nebulaSettings, renderSettings } from '../../../provision/nebula/config.ts'
import { unixSeconds } from '../../../unix-time.ts'
import type { Handler } from '../../command.ts'
import { misuse } from '../../command.ts'
import { diffText, writtenText } from './text.ts'

export const config: Handler = async (call) => {
  if (call.has('diff') && call.has('write')) throw misuse('--diff and --write exclude each other')
  if (call.has('write')) refuseRootless()
  const settings = loadSettings({})
  const file = call.value('file') ?? settings.nebula.config
  const existing = loadNebulaConfig(file)
  if (existing.state === 'absent')
    throw new CniError(
      CniCode.IoFailure,
      'nothing to start from',
      `${file}: no such file; name it with --file`,
    )
  if (existing.state === 'damaged')
    throw new CniError(
      CniCode.DecodeFailure,
      'nebula configuration not readable',
      existing.problems.join('; '),
    )

  const certificate = loadOwnCertificate(settings, unixSeconds(new Date()))
  const nebula = await installedNebula(process.env['PATH'])
  const version =
    call.value('nebula-version') ?? (nebula !== undefined && 'version' in nebula ? nebula.version : undefined)
  if (version === undefined)
    throw new CniError(
      CniCode.InvalidEnvironment,
      'Nebula is not installed',
      'name its version with --nebula-version',
    )
  const plan = ownPlan(settings, certificate, existing.facts, version)
  const own = nebulaSettings(plan)
  const { differences, kept } = compareNebulaConfig(nebulaConfigValue(file), own)
  const text = renderSettings(plan, withKept(own, kept))
  if (call.has('diff'))
    return {
      data: { file, differences, kept },
      render: (theme) => diffText(theme, file, { differences, kept }),
    }
  if (!call.has('write')) return { data: { file, text }, render: () => text }
  const written = await writeNebulaConfig(file, text, nebula?.executable)
  const service = await nebulaService({ nebula: { ...settings.nebula, config: file } })
  return {
    data: { file, ...written, differences, kept },
    render: () => writtenText(file, written, service),
  }
}
