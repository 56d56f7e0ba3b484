// Makes the record that an ADD writes before anything else.

import { formatPrefix, type Prefix } from '../../addr/prefix.ts'
import type { AttachmentRequest } from '../../config/attachment-request.ts'
import { bootId, thisProcess } from '../../kernel/presence.ts'
import type { AttachmentRecord, NetnsIdentity } from '../../net/attachment.ts'
import type { GrantedPorts } from '../../state/addresses/ports.ts'

/** What a record says beyond the request. */
interface NewAttachment {
  readonly netns: NetnsIdentity
  readonly addresses: readonly Prefix[]
  readonly granted: GrantedPorts
  readonly now: Date
  /** The links that this ADD makes; undefined if another plugin makes them. */
  readonly links?: { readonly hostLink: string; readonly mac: string; readonly bridge: string }
}

/** Makes the record, phase 'adding'. Without links, the attachment lives as long as its namespace. */
export function newRecord(request: AttachmentRequest, attachment: NewAttachment): AttachmentRecord {
  const { containerName, aliases, starter } = request
  const { netns, addresses, granted, now, links = { hostLink: '', mac: '', bridge: '' } } = attachment
  const { ports, standby, zone } = granted
  return {
    ...request.key,
    version: 1,
    phase: 'adding',
    bootId: bootId(),
    netns,
    ...links,
    addresses: addresses.map(formatPrefix),
    ...(containerName === undefined ? {} : { containerName }),
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(standby.length === 0 ? {} : { standby }),
    ...(zone === undefined ? {} : { zone }),
    owner: thisProcess(),
    ...(starter === undefined ? {} : { starter }),
    since: now.toISOString(),
  }
}
