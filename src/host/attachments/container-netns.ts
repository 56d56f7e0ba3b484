// The namespace that a runtime gives for a container. It must be a network namespace, and not the host's own.

import { CniCode, CniError } from '../../cni/error.ts'
import type { GivenNetns } from '../../config/attachment-request.ts'
import { isSameNetns, netnsIdentity } from '../../kernel/presence.ts'
import type { NetnsIdentity } from '../../net/attachment.ts'

/**
 * Identifies the namespace behind the path.
 * @throws CniError ContainerUnknown if it has gone, InvalidNetns if it is not a network namespace or is the
 * host's own
 */
export function enterableNetns({ path, source, allowOwn }: GivenNetns): NetnsIdentity {
  const identity = netnsIdentity(path)
  if (identity === undefined) {
    throw new CniError(
      CniCode.ContainerUnknown,
      'container namespace gone',
      `${source}=${path}: no such file`,
    )
  }
  const own = netnsIdentity('/proc/self/ns/net')
  if (!allowOwn && own !== undefined && isSameNetns(identity, own)) {
    throw new CniError(
      CniCode.InvalidNetns,
      'container namespace is our own',
      `${source}=${path} is the host's network namespace; containers of --network host take no other network`,
    )
  }
  return identity
}
