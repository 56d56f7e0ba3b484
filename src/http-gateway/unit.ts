// The texts around nginx.conf: the systemd unit and the rotation of the access log. Pure.

import { PID_FILE, PUSH_SOCKET } from './render.ts'

interface UnitValues {
  /** nginx's executable. */
  readonly program: string
  /** nginx.conf */
  readonly config: string
  readonly runFolder: string
}

/** The unit. Every path has been checked by {@link import('./render.ts').renderNginx}. */
export function renderUnit({ program, config, runFolder }: UnitValues): string {
  const nginx = `${program} -e stderr -c ${config}`
  return `# Written by flatnet-cni http-gateway install, and overwritten by it.
[Unit]
Description=flatnet HTTP Gateway: browsers reach the containers of all hosts
Documentation=man:flatnet-cni(8)
After=network.target
StartLimitIntervalSec=0

[Service]
Type=simple
ExecStartPre=/bin/mkdir -p -m 0700 ${runFolder}
# A killed nginx leaves its socket, on which the next one could not listen.
ExecStartPre=/bin/rm -f ${runFolder}/${PUSH_SOCKET}
ExecStart=${nginx} -g 'daemon off;'
ExecReload=${nginx} -s reload
KillMode=mixed
KillSignal=SIGQUIT
TimeoutStopSec=10
Restart=always
RestartSec=1
LimitNOFILE=65536
OOMScoreAdjust=-500
NoNewPrivileges=yes
ProtectSystem=full
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictRealtime=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`
}

/** A file for logrotate(8). nginx opens its logs again on USR1. */
export function renderLogRotation(logFolder: string, runFolder: string): string {
  return `${logFolder}/http-gateway*.log {
  daily
  maxsize 100M
  rotate 7
  compress
  delaycompress
  missingok
  notifempty
  sharedscripts
  postrotate
    [ ! -s ${runFolder}/${PID_FILE} ] || kill -USR1 "$(cat ${runFolder}/${PID_FILE})"
  endscript
}
`
}
