import type { CommandSpec } from '../../command.ts'

const INSTALL: CommandSpec = {
  name: 'install',
  summary: 'install the HTTP Gateway or bring it up to date, and start it',
  description: [
    'Needs nginx with its Lua module: on Debian the packages nginx, libnginx-mod-http-lua and lua-cjson, ' +
      'elsewhere OpenResty. It writes nginx.conf and the Lua files below /etc/flatnet/http-gateway, a ' +
      'systemd unit where systemd runs, and a file for logrotate. Where no systemd runs, the agent starts ' +
      'nginx again after it has ended. Run it again after a change of httpGateway in ' +
      '/etc/flatnet/flatnet.json: nginx takes over the new files without dropping a connection.',
  ],
  options: [{ name: 'dry-run', summary: 'only print what would be written' }],
  json: true,
  examples: [{ line: 'flatnet-cni http-gateway install --dry-run', says: 'which files it would write' }],
  exits: 'done',
  load: async () => (await import('./run.ts')).install,
}

const UNINSTALL: CommandSpec = {
  name: 'uninstall',
  summary: 'stop the HTTP Gateway and remove its files',
  description: ['The logs in /var/log/flatnet stay.'],
  json: true,
  exits: 'done',
  load: async () => (await import('./run.ts')).uninstall,
}

const STATUS: CommandSpec = {
  name: 'status',
  summary: 'show whether the HTTP Gateway runs, and what it knows',
  json: true,
  exits: 'judged',
  load: async () => (await import('./run.ts')).status,
}

const RENDER: CommandSpec = {
  name: 'render',
  summary: 'print the configuration of nginx without installing it',
  json: true,
  exits: 'done',
  load: async () => (await import('./run.ts')).render,
}

export const HTTP_GATEWAY: CommandSpec = {
  name: 'http-gateway',
  summary: 'the HTTP Gateway, by which browsers reach the containers of all hosts',
  description: [
    'The HTTP Gateway is an nginx with Lua on each host. A browser opens http://NAME.flatnet.internal/ ' +
      'or http://ADDRESS/~NAME/ at any of them and reaches the container of that name, wherever it runs: ' +
      'on this host, through the kernel’s route to the other host, or through the other host’s HTTP ' +
      'Gateway.',
  ],
  exits: 'done',
  subcommands: [INSTALL, UNINSTALL, STATUS, RENDER],
}
