import t from 'tap'
import type { NginxValues } from '../../../src/http-gateway/nginx-values.ts'
import { renderNginx } from '../../../src/http-gateway/render.ts'
import { renderLogRotation, renderUnit } from '../../../src/http-gateway/unit.ts'

const NOT_WRITTEN = /nginx.conf/

const VALUES: NginxValues = {
  folder: '/etc/flatnet/http-gateway',
  runFolder: '/run/flatnet/http-gateway',
  logFolder: '/var/log/flatnet',
  release: '0123456789abcdef',
  snapshot: '/var/lib/flatnet/http-gateway.json',
  user: 'www-data',
  modules: ['/usr/lib/nginx/modules/ngx_http_lua_module.so'],
  listen: ['0.0.0.0:80', '[::]:80'],
  statusListen: '127.0.0.1:4281',
  connectionsPerClient: 2000,
}

t.test('the values of the host, and nothing else', async (t) => {
  const text = renderNginx(VALUES)
  for (const line of [
    'load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;',
    'user www-data;',
    'worker_processes auto;',
    'pid /run/flatnet/http-gateway/nginx.pid;',
    '    listen 0.0.0.0:80 default_server backlog=1024;',
    '    listen [::]:80 default_server backlog=1024 ipv6only=on;',
    '    listen 127.0.0.1:4281;',
    '    listen unix:/run/flatnet/http-gateway/push.sock;',
    "  init_by_lua_block { require('flatnet.start').init('/var/lib/flatnet/http-gateway.json', " +
      "'0123456789abcdef', '/etc/flatnet/http-gateway/page') }",
  ])
    t.ok(text.includes(`${line}\n`), line)
  t.notMatch(renderNginx({ ...VALUES, modules: [] }), /load_module/, 'Lua is built in')
})

t.test('what nginx’s syntax has no way to quote is refused by name', async (t) => {
  const hostile = ['/a b', '/a;b', "/a'b", '/a$b', '/a\nb', '/a{b', 'relative', '']
  for (const key of ['folder', 'runFolder', 'logFolder', 'snapshot'] as const)
    for (const value of hostile)
      t.throws(() => renderNginx({ ...VALUES, [key]: value }), {
        message: /nginx.conf/,
        details: new RegExp(`^${key}: `),
      })
  for (const value of hostile) t.throws(() => renderNginx({ ...VALUES, modules: [value] }), NOT_WRITTEN)
  for (const value of ['80', '0.0.0.0', '0.0.0.0:80;', 'web:80', '[::]:80 x'])
    t.throws(() => renderNginx({ ...VALUES, listen: [value] }), NOT_WRITTEN)
  t.throws(() => renderNginx({ ...VALUES, listen: [] }), NOT_WRITTEN)
  for (const value of ['root;', 'a b', '', 'Root'])
    t.throws(() => renderNginx({ ...VALUES, user: value }), NOT_WRITTEN)
  for (const value of [0, 1.5, Number.NaN])
    t.throws(() => renderNginx({ ...VALUES, workers: value }), NOT_WRITTEN)
})

t.test('unit and log rotation name the same files', async (t) => {
  const unit = renderUnit({
    program: '/usr/sbin/nginx',
    config: '/etc/flatnet/http-gateway/nginx.conf',
    runFolder: '/run/flatnet/http-gateway',
  })
  t.match(
    unit,
    "\nExecStart=/usr/sbin/nginx -e stderr -c /etc/flatnet/http-gateway/nginx.conf -g 'daemon off;'\n",
  )
  t.match(
    renderLogRotation('/var/log/flatnet', '/run/flatnet/http-gateway'),
    '/var/log/flatnet/http-gateway*.log {',
  )
})
