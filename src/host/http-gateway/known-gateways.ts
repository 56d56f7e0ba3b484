// Reads the HTTP Gateways of the office out of what nginx says.

import type { GatewayView } from '../../http-gateway/recognition.ts'
import { isObject } from '../../json.ts'

/** Undefined before the agent has told them. */
export function readGateways(document: unknown): readonly GatewayView[] | undefined {
  if (!isObject(document) || !Array.isArray(document['gateways'])) return undefined
  return document['gateways'].filter(isView)
}

function isView(value: unknown): value is GatewayView {
  return isObject(value) && typeof value['host'] === 'string' && typeof value['state'] === 'string'
}
