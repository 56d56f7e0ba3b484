// The default route that the kernel uses.

import type { RouteFacts, RoutesFacts } from '../facts/routes.ts'

/** Returns the IPv4 default route with the lowest metric, among those with a next hop. */
export function defaultRoute(routes: RoutesFacts): (RouteFacts & { readonly dev: string }) | undefined {
  return routes
    .filter(
      (route): route is RouteFacts & { readonly dev: string } =>
        route.dst.family === 4 &&
        route.dst.length === 0 &&
        route.via !== undefined &&
        route.dev !== undefined,
    )
    .toSorted((a, b) => a.metric - b.metric)[0]
}
