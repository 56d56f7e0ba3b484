#!/bin/sh
# From a bare Debian 12 to a machine that builds flatnet-cni, runs its tests and shows the demo. Needs root and Debian's
# packages and npm's registry as this machine is set up to reach them. Run it again at will: it only does what is missing.
set -eu
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive

say() { echo "setup: $*"; }

if [ "$(id -u)" != 0 ]; then
  echo "setup: run this as root (network namespaces and apt-get need it)" >&2
  exit 1
fi
# One set-up at a time: a second one waits and then finds everything done.
mkdir -p .cache
exec 9>.cache/setup.lock
flock 9

# A command and the Debian package that brings it.
packages=''
need() { command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || packages="$packages $2"; }
need ip iproute2
need nft nftables
need iptables iptables
need nsenter util-linux
need podman podman
need conmon conmon
# crun 1.8.1 refuses a machine with both cgroup versions mounted, runc does not.
need runc runc
need containerd containerd
need /usr/lib/cni/bridge containernetworking-plugins
need busybox busybox-static
need ping iputils-ping
need curl curl
# Tests kill calls at system calls of their choice, and let the clock jump.
need strace strace
need faketime faketime
# Reads the unit of the agent; nothing of it is started.
need systemd-analyze systemd
need git git
need /etc/ssl/certs/ca-certificates.crt ca-certificates
# Any npm will do to install Node 24 from the lockfile; Debian's is taken only where there is none.
command -v npm >/dev/null 2>&1 || packages="$packages nodejs npm"

install() { apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" </dev/null; }
if [ -n "$packages" ]; then
  say "installing$packages"
  # Lists may be absent or old: update when the first try fails, and be patient with a busy mirror.
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

case "$(uname -m)" in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
quietly='--no-progress --no-audit --no-fund'

# Debian 12's Node 18 makes npm leave out optional packages that want a newer one (oxlint's), and its npm 9.2.0 breaks off
# in install scripts ("Exit handler never called"). It is good enough to fetch the two that do the work.
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

# The lockfile that node_modules was made from is kept beside it; any difference means installing anew.
in_use=node_modules/.package-lock.in-use
if [ ! -x node_modules/.bin/node ] || ! cmp -s package-lock.json "$in_use"; then
  say 'installing the npm packages of package-lock.json'
  install_packages </dev/null >.cache/npm.log 2>&1 || { tail -n 40 .cache/npm.log >&2; exit 1; }
  cp package-lock.json "$in_use"
fi
PATH=$PWD/node_modules/.bin:$PATH
export PATH

node scripts/lab/packages.ts

# Prometheus' own judge of what /metrics says; the package would bring a server along that starts by itself.
fetch_promtool() {
  rm -rf .cache/prometheus
  mkdir -p .cache/prometheus
  (cd .cache/prometheus && apt-get download -q -o APT::Sandbox::User=root prometheus) &&
    dpkg-deb --fsys-tarfile .cache/prometheus/*.deb | tar -x -C .cache/prometheus --strip-components=3 ./usr/bin/promtool &&
    mv .cache/prometheus/promtool .cache/promtool && rm -rf .cache/prometheus
}
if [ ! -x .cache/promtool ]; then
  fetch_promtool >.cache/promtool.log 2>&1 ||
    { apt-get update -q && fetch_promtool; } >>.cache/promtool.log 2>&1 ||
    { tail -n 20 .cache/promtool.log >&2; exit 1; }
fi
[ "${FLATNET_QUIET:-}" = 1 ] || say "ready: node $(node --version), $(podman --version), $(nft --version | cut -d' ' -f1,2)"
