// Decides whether the attachment of an unreadable record has certainly ended.

import { type AttachmentKey, hostLinkName } from '../../net/attachment.ts'
import { bootId, isFromEarlierBoot, linkExists } from '../../kernel/presence.ts'
import { readText } from '../files/atomic.ts'
import { keyOfPath } from './records.ts'

/**
 * Returns whether a damaged record is left from an earlier boot. The file's time alone proves nothing,
 * because the clock may have been set forward since. So the attachment's link must not exist, and the text
 * must not name this boot.
 * @param key the attachment, if the path does not tell it
 */
export function isLeftover(path: string, key: AttachmentKey | undefined = keyOfPath(path)): boolean {
  if (key !== undefined && linkExists(hostLinkName(key))) return false
  if ((readText(path) ?? '').includes(bootId())) return false
  return isFromEarlierBoot(path)
}
