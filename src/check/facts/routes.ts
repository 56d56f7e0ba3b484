import type { ShownRoute } from '../../ip/shown-route.ts'

/** One route of the main table, of any origin. */
export type RouteFacts = Pick<ShownRoute, 'type' | 'dst' | 'via' | 'dev' | 'metric' | 'protocol'>

/** The routes of the main table. */
export type RoutesFacts = readonly RouteFacts[]
