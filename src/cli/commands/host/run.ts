// `flatnet-cni host add` and `host list`.

import { addHost } from '../../../office/add-host.ts'
import { listHosts } from '../../../provision/office/host-list.ts'
import { endpoint, groupName, hostName } from '../../../provision/office/words.ts'
import { openOffice } from '../../../state/office/folder.ts'
import { unixSeconds } from '../../../unix-time.ts'
import type { Handler } from '../../command.ts'
import { officeOf } from '../office-option.ts'
import { askPassphrase, bundleFile } from './bundle-file.ts'
import { hasContainers } from './host-options.ts'
import { refuseNonsense } from './nonsense.ts'
import { addedData, addedText, listText } from './text.ts'

export const add: Handler = async (call, terminal) => {
  refuseNonsense(call, true)
  const name = hostName(call.operands[0] ?? '')
  const isLighthouse = call.has('lighthouse')
  const added = await addHost(openOffice(officeOf(call)), {
    name,
    role: isLighthouse ? 'lighthouse' : 'host',
    hasContainers: hasContainers(call),
    isGateway: call.has('gateway'),
    groups: call.values('group').map((text) => groupName(text, '--group')),
    endpoints: call.values('address').map((text) => endpoint(text, '--address')),
    isAgain: call.has('again'),
    isPlain: call.has('plain'),
    file: bundleFile(call.value('out'), name),
    passphrase: () => askPassphrase(terminal),
  })
  return { data: addedData(added), render: (theme) => addedText(added, theme) }
}

export const list: Handler = async (call) => {
  const office = openOffice(officeOf(call))
  const hosts = listHosts(office.ledger().entries, unixSeconds(new Date()))
  return {
    data: { office: office.plan.office, folder: office.folder, hosts },
    render: (theme) => listText(hosts, theme),
  }
}
