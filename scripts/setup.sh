#!/bin/sh
# Turns a bare Debian 12 into a machine that builds flatnet-cni, runs its tests and shows the demo. Needs
# root, and Debian's packages and the npm registry as this machine is configured to reach them. It can be run
# again at any time and does only what is missing.
set -eu
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive

say() { echo "setup: $*"; }

if [ "$(id -u)" != 0 ]; then
  echo "setup: run this as root (network namespaces and apt-get need it)" >&2
  exit 1
fi
# One setup at a time: a second one waits, and then finds everything done.
mkdir -p .cache
exec 9>.cache/setup.lock
flock 9

# A command, and the Debian package that contains it.
packages=''
need() { command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || packages="$packages $2"; }
need ip iproute2
need nft nftables
need iptables iptables
need nsenter util-linux
need podman podman
need conmon conmon
# crun 1.8.1 refuses machines with both cgroup versions mounted; runc does not.
need runc runc
need containerd containerd
need /usr/lib/cni/bridge containernetworking-plugins
need busybox busybox-static
need ping iputils-ping
need nginx nginx
need /usr/lib/nginx/modules/ngx_http_lua_module.so libnginx-mod-http-lua
need /usr/share/lua/5.1/cjson lua-cjson
need luacheck lua-check
need curl curl
# Tests kill calls at chosen system calls, and let the clock jump.
need strace strace
need faketime faketime
# Counts the instructions of a call.
need valgrind valgrind
# Only parses the agent's unit; starts nothing.
need systemd-analyze systemd
# Makes the bare systems that the package is tried on.
need debootstrap debootstrap
need git git
need /etc/ssl/certs/ca-certificates.crt ca-certificates
# Any npm can install Node 24 from the lockfile, so Debian's is installed only if there is none.
command -v npm >/dev/null 2>&1 || packages="$packages nodejs npm"

# nginx's package would start a server on port 80, and containerd's a daemon. deb-systemd-invoke(1p), POLICY.
policy=/usr/sbin/policy-rc.d
if [ -n "$packages" ] && [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
fi

install() { apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" </dev/null; }
if [ -n "$packages" ]; then
  say "installing$packages"
  # The package lists may be missing or old: update them if the first try fails, and retry while a mirror is
  # busy.
  # shellcheck disable=SC2086 # the list is meant to be split
  install $packages >.cache/apt.log 2>&1 || {
    for try in 1 2 3; do
      apt-get update -q >>.cache/apt.log 2>&1 || true
      if install $packages >>.cache/apt.log 2>&1; then try=done; break; fi
      sleep 5
    done
    [ "$try" = done ] || { tail -n 40 .cache/apt.log >&2; exit 1; }
  }
fi

# The page of the HTTP Gateway is looked at in Chromium, with a font for Japanese. Without them, those tests
# are skipped and say so.
if ! command -v chromium >/dev/null 2>&1 || [ ! -e /usr/share/fonts/opentype/ipafont-gothic ]; then
  say 'installing chromium and a Japanese font (118 MB to download, 410 MB on disk)'
  install chromium fonts-ipafont-gothic >.cache/chromium.log 2>&1 ||
    { apt-get update -q && install chromium fonts-ipafont-gothic; } >>.cache/chromium.log 2>&1 ||
    say 'no Chromium: see .cache/chromium.log'
fi

case "$(uname -m)" in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
quietly='--no-progress --no-audit --no-fund'

# With Debian 12's Node 18, npm leaves out optional packages that need a newer Node.js (oxlint's), and npm
# 9.2.0 aborts in install scripts ("Exit handler never called"). Both are good enough to fetch the versions
# that do the work.
major() { "$1" --version | sed 's/^v//; s/[.].*//'; }
fetch_npm() {
  version=$(sed -n "s/.*\"node-linux-$arch\": \"\(.*\)\".*/\1/p" package.json)
  # shellcheck disable=SC2086 # the list is meant to be split
  npm install --prefix .cache/npm --no-save --ignore-scripts $quietly "node-linux-$arch@$version" npm@11
}
install_packages() {
  if [ "$(major node)" -lt 20 ] || [ "$(major npm)" -lt 10 ]; then
    fetch_npm || return 1
    PATH=$PWD/.cache/npm/node_modules/node-linux-$arch/bin:$PWD/.cache/npm/node_modules/.bin:$PATH
  fi
  # shellcheck disable=SC2086
  npm ci $quietly
}

# The lockfile that node_modules was made from is kept beside it; any difference means a new installation.
in_use=node_modules/.package-lock.in-use
if [ ! -x node_modules/.bin/node ] || ! cmp -s package-lock.json "$in_use"; then
  say 'installing the npm packages of package-lock.json'
  install_packages </dev/null >.cache/npm.log 2>&1 || { tail -n 40 .cache/npm.log >&2; exit 1; }
  cp package-lock.json "$in_use"
fi
PATH=$PWD/node_modules/.bin:$PATH
export PATH

node scripts/lab/nebula/packages.ts
node scripts/lab/podman5/packages.ts
node scripts/lab/nginx/packages.ts
# Without them, the tests of the Debian package are skipped and say so.
node scripts/lab/apt/bare-roots.ts >.cache/roots.log 2>&1 ||
  say 'no bare Debian for the package: see .cache/roots.log'

# promtool checks what /metrics says. Installing the Debian package would also start a Prometheus server.
fetch_promtool() {
  rm -rf .cache/prometheus
  mkdir -p .cache/prometheus
  (cd .cache/prometheus && apt-get download -q -o APT::Sandbox::User=root prometheus) &&
    dpkg-deb --fsys-tarfile .cache/prometheus/*.deb |
    tar -x -C .cache/prometheus --strip-components=3 ./usr/bin/promtool &&
    mv .cache/prometheus/promtool .cache/promtool && rm -rf .cache/prometheus
}
if [ ! -x .cache/promtool ]; then
  fetch_promtool >.cache/promtool.log 2>&1 ||
    { apt-get update -q && fetch_promtool; } >>.cache/promtool.log 2>&1 ||
    { tail -n 20 .cache/promtool.log >&2; exit 1; }
fi
[ "${FLATNET_QUIET:-}" = 1 ] ||
  say "ready: node $(node --version), $(podman --version), $(nft --version | cut -d' ' -f1,2)"
