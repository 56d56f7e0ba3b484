// Where a container's link leads: to its name where names under the office's domain lead to an HTTP Gateway
// on this client, to the path form otherwise.

import type { OfficeContainer } from '../office.ts'

let domain: string | undefined

/** Uses names from now on if they work here. @returns whether links are other ones now */
export async function tryNames(office: string): Promise<boolean> {
  const here = location.hostname
  const isUnder = here === office || here.endsWith(`.${office}`)
  if (!isUnder && !(await leadsHere(office))) return false
  const isNew = domain !== office
  domain = office
  return isNew
}

// No container has this name. The answer cannot be read, but it comes only where the name can be resolved.
async function leadsHere(office: string): Promise<boolean> {
  try {
    await fetch(`http://flatnet-probe.${office}${portText()}/`, { mode: 'no-cors', cache: 'no-store' })
    return true
  } catch {
    return false
  }
}

function portText(): string {
  return location.port === '' ? '' : `:${location.port}`
}

/** @param port names one of several; undefined for the default */
export function linkTo(
  host: string,
  { names: [name = ''], isFirst }: OfficeContainer,
  port?: number,
): string {
  const label = `${port === undefined ? '' : `${String(port)}--`}${name}`
  if (domain === undefined) return `/~${label}${isFirst ? '' : `@${host}`}/`
  return `http://${label}${isFirst ? '' : `.${host}`}.${domain}${portText()}/`
}
