// The servers under comparison, all in front of one container: the HTTP Gateway, plain nginx with the same
// headers and log, plain nginx without either, and Caddy where it is installed.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fillGatewayFolder } from '../../lab/gateway-folder.ts'
import { run, start, waitUntil } from '../../lab/run.ts'

export const HOST = 'app.flatnet.internal'
const CONTAINER = '127.87.1.10:8080'

/** A server and how it is measured. */
export interface Server {
  readonly name: string
  readonly port: number
  /** Its processes that serve requests. */
  readonly workers: () => Promise<readonly number[]>
}

/** Starts all of them below this folder; they end with the namespace of the bench. */
export async function startServers(work: string, workers: number): Promise<readonly Server[]> {
  await startNginx(work, 'container', containerConf(join(work, 'container'), workers))
  const gateway = await startGateway(work, 8001, workers)
  const same = await startPlain(work, 'plain nginx, same headers and log', 8002, plainConf({ isBare: false }))
  const bare = await startPlain(work, 'plain nginx, bare', 8003, plainConf({ isBare: true }))
  const caddy = existsSync('/usr/bin/caddy') ? [await startCaddy(work, 8004, workers)] : []
  return [gateway, same, bare, ...caddy]

  function startPlain(
    folder: string,
    name: string,
    port: number,
    conf: (values: PlainValues) => string,
  ): Promise<Server> {
    const id = `nginx-${String(port)}`
    const text = conf({ folder: join(folder, id), port, workers })
    return startNginx(folder, id, text).then((pids) => ({ name, port, workers: pids }))
  }
}

async function startGateway(work: string, port: number, workers: number): Promise<Server> {
  const text = await fillGatewayFolder(join(work, 'gateway'), {
    port,
    statusPort: 8101,
    workers,
    snapshot: JSON.stringify(snapshot()),
  })
  const pids = await startNginx(work, 'gateway', text)
  return { name: 'HTTP Gateway', port, workers: pids }
}

// One container of interest among many: a lookup must not depend on their number.
function snapshot(): object {
  const others = Array.from({ length: 200 }, (_, n) => ({
    names: [`other-${String(n)}`],
    address: `127.87.1.${String(20 + (n % 200))}`,
    port: 80,
    ports: [80],
  }))
  const app = { names: ['app'], address: '127.87.1.10', port: 8080, ports: [8080] }
  const host = {
    version: 1,
    host: 'host-a',
    epoch: 1,
    seq: 1,
    path: 'local',
    subnets: ['127.87.1.0/24'],
    containers: [app, ...others],
  }
  const self = { version: 1, host: 'host-a', domain: 'flatnet.internal', overlay: '10.86.1.1' }
  return { version: 1, self, hosts: [host] }
}

interface PlainValues {
  readonly folder: string
  readonly port: number
  readonly workers: number
}

function plainConf({ isBare }: { readonly isBare: boolean }): (values: PlainValues) => string {
  return ({ folder, port, workers }) => `${head(folder, workers)}
  ${isBare ? 'access_log off;' : `${LOG}\n  access_log ${folder}/access.log same buffer=64k flush=1s;`}
  map $http_upgrade $upgrade { default ""; websocket websocket; }
  map $http_upgrade $connection_word { default ""; websocket upgrade; }
  upstream containers {
    server ${CONTAINER};
    keepalive 64;
    keepalive_timeout 4s;
    keepalive_requests 10000;
  }
  server {
    listen 127.0.0.1:${String(port)} backlog=1024;
    keepalive_requests 10000;
    proxy_http_version 1.1;
    ${isBare ? 'proxy_set_header Connection "";' : HEADERS}
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_buffer_size 16k;
    proxy_buffers 8 16k;
    location / { proxy_pass http://containers; }
  }
}
`
}

// As the HTTP Gateway's (src/http-gateway/render.ts), with nginx's own request ID, as its operators write it.
const LOG = `log_format same escape=json
    '{"time":"$time_iso8601","id":"$request_id","client":"$remote_addr","method":"$request_method",'
    '"host":"$http_host","uri":"$request_uri","status":$status,"bytes":$body_bytes_sent,'
    '"seconds":$request_time,"route":"app","hop":"$http_x_flatnet_hop",'
    '"tries":"$upstream_addr","try_status":"$upstream_status","try_seconds":"$upstream_response_time"}';`
const HEADERS = `proxy_set_header Host $http_host;
    proxy_set_header Connection $connection_word;
    proxy_set_header Upgrade $upgrade;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto http;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Port $server_port;
    proxy_set_header X-Request-ID $request_id;
    proxy_set_header Forwarded "";
    proxy_set_header X-Forwarded-Server "";
    proxy_set_header X-Forwarded-Scheme "";
    proxy_set_header X-Forwarded-Ssl "";`

function containerConf(folder: string, workers: number): string {
  return `${head(folder, workers)}
  access_log off;
  keepalive_requests 1000000;
  server {
    listen ${CONTAINER} backlog=1024;
    location / { default_type text/plain; return 200 "${'flatnet '.repeat(64)}"; }
  }
}
`
}

function head(folder: string, workers: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${folder}/${name};\n`)
    .join('')
  return `user www-data;
worker_processes ${String(workers)};
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 8192; }
http {
  server_tokens off;
${temporary}`
}

async function startNginx(work: string, id: string, text: string): Promise<() => Promise<readonly number[]>> {
  const folder = join(work, id)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, text)
  const master = start(['nginx', '-e', join(folder, 'start.log'), '-c', file, '-g', 'daemon off;'])
  const workers = async (): Promise<readonly number[]> => {
    const { stdout } = await run(['pgrep', '-P', String(master.pid)], { check: false })
    return stdout.split('\n').filter(Boolean).map(Number)
  }
  await waitUntil(`${id} has workers`, 60_000, async () => (await workers()).length > 0)
  return workers
}

async function startCaddy(work: string, port: number, workers: number): Promise<Server> {
  const folder = join(work, 'caddy')
  mkdirSync(folder)
  const file = join(folder, 'Caddyfile')
  const text = `{
  admin off
  auto_https off
}
http://:${String(port)} {
  log {
    output file ${folder}/access.log
    format json
  }
  reverse_proxy ${CONTAINER} {
    header_up X-Real-IP {remote_host}
    header_up X-Forwarded-Port ${String(port)}
  }
}
`
  writeFileSync(file, text)
  const caddy = start(['caddy', 'run', '--config', file, '--adapter', 'caddyfile'], {
    HOME: folder,
    XDG_DATA_HOME: folder,
    PATH: process.env['PATH'] ?? '',
    GOMAXPROCS: String(workers),
  })
  return { name: 'Caddy, same log', port, workers: async () => [caddy.pid ?? 0] }
}
