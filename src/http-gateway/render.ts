// Renders the configuration of the HTTP Gateway's nginx. It is written once, on installation: containers and
// peers are data that the agent pushes, so no outside text ever gets into this file. Pure.

import { checkValues, type NginxValues } from './nginx-values.ts'

/** The agent's socket inside {@link NginxValues.runFolder}. */
export const PUSH_SOCKET = 'push.sock'
export const PID_FILE = 'nginx.pid'

/**
 * Returns the text of nginx.conf.
 * @throws CniError InvalidConfig naming a value that cannot be written
 */
export function renderNginx(values: NginxValues): string {
  checkValues(values)
  const { folder, runFolder, snapshot, user, workers = 'auto', modules, listen, statusListen } = values
  return `# Written by flatnet-cni http-gateway install: change /etc/flatnet/flatnet.json, not this file.
${modules.map((path) => `load_module ${path};\n`).join('')}user ${user};
worker_processes ${workers};
worker_rlimit_nofile 32768;
# Connections that are open when nginx reloads may go on for as long.
worker_shutdown_timeout 1h;
pid ${runFolder}/${PID_FILE};
error_log ${values.logFolder}/http-gateway-error.log warn;

events {
  worker_connections 8192;
}

http {
  lua_package_path "${folder}/lua/?.lua;;";
  lua_shared_dict flatnet_hosts 32m;
  lua_shared_dict flatnet_marks 1m;
  lua_shared_dict flatnet_counts 1m;
  lua_shared_dict flatnet_gateways 1m;
  lua_shared_dict flatnet_office 8m;
  init_by_lua_block { require('flatnet.start').init('${snapshot}', '${values.release}', '${folder}/page') }
  init_worker_by_lua_block { require('flatnet.start').init_worker() }

  server_tokens off;
  default_type application/octet-stream;
  access_log off;
${temporaryFolders(runFolder)}
${LOG_FORMAT}
${MAPS}
  limit_conn_zone $binary_remote_addr zone=flatnet_clients:10m;

  upstream flatnet_containers {
    # Never used: the balancer names the address of every try.
    server 0.0.0.1:1;
    balancer_by_lua_block { require('flatnet.balance').balance() }
    # Shorter than the 5 s after which Node.js closes an idle connection.
    keepalive 64;
    keepalive_timeout 4s;
    keepalive_requests 10000;
  }

  server {
${listen.map(listenLine).join('')}    server_name _;
    access_log ${values.logFolder}/http-gateway.log flatnet buffer=64k flush=1s if=$flatnet_logged;
${LIMITS}
    limit_conn flatnet_clients ${String(values.connectionsPerClient)};
${PROXY}
${LOCATIONS}
  }

  server {
    listen unix:${runFolder}/${PUSH_SOCKET};
    client_max_body_size 8m;
    client_body_buffer_size 8m;
    location / {
      content_by_lua_block { require('flatnet.admin').serve() }
    }
  }

  server {
    listen ${statusListen};
    location = /healthz {
      content_by_lua_block { require('flatnet.health').alive() }
    }
    location = /readyz {
      content_by_lua_block { require('flatnet.health').ready() }
    }
    location = /metrics {
      content_by_lua_block { require('flatnet.health').metrics() }
    }
    location / {
      return 404;
    }
  }
}
`
}

function listenLine(address: string): string {
  const ipv6Only = address.startsWith('[') ? ' ipv6only=on' : ''
  return `    listen ${address} default_server backlog=1024${ipv6Only};\n`
}

// Nothing is ever buffered on disk, but nginx makes these folders when it starts.
function temporaryFolders(runFolder: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${runFolder}/${name};\n`)
    .join('')
}

const LOG_FORMAT = `  log_format flatnet escape=json
    '{"time":"$time_iso8601","id":"$flatnet_id","client":"$remote_addr","method":"$request_method",'
    '"host":"$http_host","uri":"$request_uri","status":$status,"bytes":$body_bytes_sent,'
    '"seconds":$request_time,"route":"$flatnet_route","hop":"$http_x_flatnet_hop",'
    '"tries":"$upstream_addr","try_status":"$upstream_status","try_seconds":"$upstream_response_time"}';
`

// Exact keys only. "h2c" and lists are left out: the connection would leave HTTP/1.1 unseen.
const MAPS = `  map $http_upgrade $flatnet_upgrade {
    default "";
    websocket websocket;
  }
  map $http_upgrade $flatnet_connection {
    default "";
    websocket upgrade;
  }
  map $http_accept $flatnet_stream {
    default "";
    ~text/event-stream stream;
  }
  # Empty for a request without a body, a stream or a hop: the Lua reads this in place of five headers.
  map $http_x_flatnet_hop$http_upgrade$flatnet_stream$content_length$http_transfer_encoding $flatnet_special {
    default 1;
    "" "";
  }
  map $flatnet_unlogged $flatnet_logged {
    "" 1;
  }
  # nginx refuses a malformed request, and logs it, before the servers' variables have values.
  uninitialized_variable_warn off;
`

const LIMITS = `    client_header_timeout 10s;
    client_body_timeout 30s;
    send_timeout 30s;
    reset_timedout_connection on;
    large_client_header_buffers 4 16k;
    client_max_body_size 0;
    client_body_buffer_size 64k;
    keepalive_requests 10000;
    absolute_redirect off;
    limit_conn_status 429;`

// Replaces these headers even if a client has sent them: only the HTTP Gateway knows their values.
const PROXY = `    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Connection $flatnet_connection;
    proxy_set_header Upgrade $flatnet_upgrade;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto http;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Port $server_port;
    proxy_set_header X-Forwarded-Prefix $flatnet_prefix;
    proxy_set_header X-Request-ID $flatnet_id;
    proxy_set_header X-Flatnet-Hop $flatnet_hop;
    proxy_set_header X-Flatnet-Target $flatnet_target;
    proxy_set_header Forwarded "";
    proxy_set_header X-Forwarded-Server "";
    proxy_set_header X-Forwarded-Scheme "";
    proxy_set_header X-Forwarded-Ssl "";
    # For every try; the balancer sets longer ones for streams and for the other host's HTTP Gateway.
    proxy_connect_timeout 300ms;
    proxy_send_timeout 30s;
    proxy_read_timeout 300s;
    proxy_socket_keepalive on;
    # A request that was not sent, or is idempotent, is sent again; never one that waits for a slow answer.
    proxy_next_upstream error timeout;
    proxy_next_upstream_tries 5;
    proxy_next_upstream_timeout 3s;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_buffer_size 16k;
    proxy_buffers 8 16k;
    error_page 429 502 504 @failed;
    log_by_lua_block { require('flatnet.count').log() }
    set $flatnet_id "";
    set $flatnet_route "";
    set $flatnet_hop "";
    set $flatnet_target "";
    set $flatnet_prefix "";
    set $flatnet_uri "";
    set $flatnet_unlogged "";
`

const LOCATIONS = `    location / {
      access_by_lua_block { require('flatnet.route').by_host() }
      proxy_redirect off;
      proxy_pass http://flatnet_containers;
    }
    location ^~ /~ {
      access_by_lua_block { require('flatnet.route').by_path() }
      proxy_redirect / $flatnet_prefix/;
      proxy_redirect http://$http_host/ $flatnet_prefix/;
      proxy_cookie_path / $flatnet_prefix/;
      proxy_pass http://flatnet_containers$flatnet_uri;
    }
    location @failed {
      content_by_lua_block { require('flatnet.page').failed() }
    }`
