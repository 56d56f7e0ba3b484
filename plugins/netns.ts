// The namespace a runtime hands to ADD and CHECK: it has to be one, and not our own.

import { CniCode, CniError } from '../src/cni/error.ts'
import type { NetnsIdentity } from '../src/net/attachment.ts'
import { isSameNetns, netnsIdentity } from '../src/state/liveness.ts'

/**
 * Checks the path of CNI_NETNS. @param allowOwn let the host's own namespace pass (CNI_NETNS_OVERRIDE)
 * @throws CniError ContainerUnknown when it is gone, InvalidNetns when it is no namespace or our own
 */
export function enterableNetns(path: string, allowOwn: boolean): NetnsIdentity {
  const identity = netnsIdentity(path)
  if (identity === undefined) {
    throw new CniError(
      CniCode.ContainerUnknown,
      'container namespace gone',
      `CNI_NETNS=${path}: no such file`,
    )
  }
  const own = netnsIdentity('/proc/self/ns/net')
  if (!allowOwn && own !== undefined && isSameNetns(identity, own)) {
    throw new CniError(
      CniCode.InvalidNetns,
      'container namespace is our own',
      `CNI_NETNS=${path} is the host's network namespace; containers of --network host take no CNI network`,
    )
  }
  return identity
}
