// A web server in a container, and what one such container sees of the other.
import type { LabHost } from '../lab/host/lab-host.ts'
import { IMAGE } from '../lab/host/podman.ts'
import { NARRATOR } from './narrator.ts'

export interface Web {
  readonly name: string
  readonly host: LabHost
  readonly address: string
}

const { command, expect, say } = NARRATOR

/** Starts the container on the network `flatnet`; its server logs the address of every client. */
export async function startWeb(host: LabHost, name: string): Promise<Web> {
  const server = `echo "hello from ${name}" > /www/index.html; exec httpd -f -v -p 80 -h /www`
  await command(host, [
    'podman',
    'run',
    '-d',
    '--name',
    name,
    '--network',
    'flatnet',
    IMAGE,
    'sh',
    '-c',
    server,
  ])
  const { stdout } = await host.exec(['podman', 'exec', name, 'ip', '-4', 'address', 'show', 'dev', 'eth0'])
  return { name, host, address: /inet ([\d.]+)\//.exec(stdout)?.[1] ?? '(none)' }
}

export async function showAddresses({ name, host, address }: Web): Promise<void> {
  await command(host, ['podman', 'exec', name, 'ip', '-4', 'address', 'show', 'dev', 'eth0'])
  const prefix = host.plan.v4.subnet.replace(/0\/24$/, '')
  expect(
    `${name} has ${address}, which lies in the subnet of ${host.name}'s certificate`,
    address.startsWith(prefix),
  )
}

/** Shows the route from one container to the other. */
export async function showPath(from: Web, to: Web, dev: string): Promise<void> {
  const route = ['ip', 'route', 'get', to.address, 'from', from.address, 'iif', 'flatnet0']
  const path = dev === 'eth0' ? 'gateway' : 'direct'
  expect(
    `${from.name} to ${to.name}: the ${path} path`,
    (await command(from.host, route)).includes(` dev ${dev} `),
  )
}

export async function showPing(from: Web, to: Web): Promise<void> {
  const { stdout } = await from.host.exec(
    ['podman', 'exec', from.name, 'ping', '-c', '3', '-i', '0.2', '-W', '2', to.address],
    { check: false },
  )
  const received = Number(/(\d+) packets received/.exec(stdout)?.[1] ?? 0)
  expect(`${from.name} pings ${to.name}: ${received} of 3 answered`, received === 3)
}

/** Fetches one page, and shows the address that the server saw. */
export async function showHttp(from: Web, to: Web): Promise<void> {
  const url = `http://${to.address}/`
  // No `wget -T`: Debian 12's static busybox (1.35.0-4+deb12u1) crashes on it.
  const get = ['timeout', '5', 'wget', '-q', '-O', '-', url]
  const page = await command(from.host, ['podman', 'exec', from.name, ...get])
  // httpd -v writes `[::ffff:10.87.1.10]:40312: response:200`; podman logs prints it on stderr, as
  // the server did.
  const { stdout, stderr } = await to.host.exec(['podman', 'logs', '--tail', '1', to.name])
  const log = `${stdout}${stderr}`.trim()
  say(`the log of ${to.name}: ${log}`)
  const seen = /(\d+\.\d+\.\d+\.\d+)\]?:\d+: response:200/.exec(log)?.[1] ?? 'nobody'
  expect(
    `${to.name} answers, and saw ${seen} asking`,
    page.trim() === `hello from ${to.name}` && seen === from.address,
  )
}
