// Writes the files of the measured host and its peers: one CA, and a certificate and a key for each.

import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Authority, makeAuthority } from '../certificates.ts'

/** One host: its addresses and its files. */
export interface IdleHost {
  readonly overlay: string
  readonly subnet: string
  /** The addresses for probes of the direct and of the gateway path: the second and third of the subnet. */
  readonly probed: readonly [p2p: string, gateway: string]
  readonly cert: string
  readonly key: string
}

/** Everything that the agent and its simulated peers need. */
export interface IdleHosts {
  readonly ca: string
  readonly own: IdleHost
  readonly peers: readonly IdleHost[]
  /** Puts the certificates of the first `count` peers into the agent's folder, and no others. */
  readonly use: (count: number) => void
}

/** As many subnets of 64 addresses as 10.87.0.0/16 has, except for the host's own and some to spare. */
export const MOST_PEERS = 1000
const OWN = MOST_PEERS + 1

/**
 * Writes files for the host and `count` peers (at most {@link MOST_PEERS}) below `folder`, and the settings
 * into /etc/flatnet.
 */
export function writeHosts(folder: string, count: number): IdleHosts {
  const authority = makeAuthority(Math.floor(Date.now() / 1000))
  const files = join(folder, 'hosts')
  mkdirSync(files)
  const ca = join(folder, 'ca.crt')
  writeFileSync(ca, authority.pem)
  const own = writeHost(authority, files, OWN)
  const peers = Array.from({ length: count }, (_, index) => writeHost(authority, files, index + 1))
  const used = join(folder, 'peers.d')
  const settings = {
    nebula: { ca, cert: own.cert, key: own.key },
    peers: used,
    stateDir: join(folder, 'state'),
    agent: { dataDir: join(folder, 'data') },
  }
  writeFileSync('/etc/flatnet/flatnet.json', JSON.stringify(settings))
  return {
    ca,
    own: own.host,
    peers: peers.map(({ host }) => host),
    use: (wanted) => {
      rmSync(used, { recursive: true, force: true })
      mkdirSync(used)
      for (const [index, { pem }] of peers.slice(0, wanted).entries())
        writeFileSync(join(used, `host-${String(index + 1)}.crt`), pem)
    },
  }
}

function writeHost(
  authority: Authority,
  folder: string,
  number: number,
): { readonly host: IdleHost; readonly pem: string; readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const name = `host-${String(number)}`
  const overlay = `10.86.${String(number >> 7)}.${String((number & 127) + 1)}`
  const inSubnet = (address: number): string =>
    `10.87.${String(number >> 2)}.${String((number & 3) * 64 + address)}`
  const subnet = `${inSubnet(0)}/26`
  const pem = authority.issue({
    name,
    overlay: `${overlay}/16`,
    subnet,
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
  })
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  writeFileSync(cert, pem)
  // The format of nebula-cert (cert/pem.go).
  const secret = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url').toString('base64')
  writeFileSync(
    key,
    `-----BEGIN NEBULA X25519 PRIVATE KEY-----\n${secret}\n-----END NEBULA X25519 PRIVATE KEY-----\n`,
  )
  return { host: { overlay, subnet, probed: [inSubnet(2), inSubnet(3)], cert, key }, pem, cert, key }
}
