#!/bin/sh
# Installs or updates flatnet-cni on this host: executable, command line, network configuration, agent. Run it
# as root after `npm ci && npm run build`. It can be run again at any time and changes only what differs.
#
#   scripts/install.sh [--dry-run]
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
bin=/opt/cni/bin
other_bin=/usr/lib/cni
# On the PATH of every user, and where man and bash-completion on Debian look.
local=/usr/local
drivers=$local/libexec/netavark
unit=/etc/systemd/system/flatnet-agent.service

fail() { echo "install: $*" >&2; exit 1; }
dry=''
case $# in
  0) ;;
  1) [ "$1" = --dry-run ] || fail 'usage: scripts/install.sh [--dry-run]'; dry=1 ;;
  *) fail 'usage: scripts/install.sh [--dry-run]' ;;
esac
[ "$(id -u)" = 0 ] || [ -n "$dry" ] || fail 'run this as root'

say() { echo "install: $*"; }
# Prints each change, and makes it unless --dry-run was given.
change() { echo "  $*"; [ -n "$dry" ] || "$@"; }
# Writes a file under another name and renames it, so that a process that starts it meanwhile gets the old or
# the new file, never half of one. Returns 1 only if the file is already up to date.
put() {
  [ -e "$2" ] && cmp -s "$1" "$2" && return 1
  # Fail explicitly, because `set -e` is off inside the condition of `if` and `||`.
  change install -D -m "$3" "$1" "$2.new" && change mv -f "$2.new" "$2" ||
    { rm -f "$2.new"; fail "cannot write $2; it is unchanged"; }
}
link() {
  [ "$(readlink "$2" 2>/dev/null)" = "$1" ] && return 0
  # A regular file is not ours to replace.
  if [ -e "$2" ] && [ ! -L "$2" ]; then say "$2 is a file and stays; it should be a link to $1"; return 0; fi
  change ln -sfn "$1" "$2"
}
# Like link, but also leaves links to other targets alone.
offer() {
  case $(readlink "$2" 2>/dev/null) in
    '' | "$1") ;;
    *) say "$2 is a link to something else and stays"; return 0 ;;
  esac
  link "$1" "$2"
}

[ "$(dpkg-query -S $bin/flatnet-cni 2>/dev/null)" = '' ] ||
  fail "$bin/flatnet-cni belongs to a Debian package: apt-get install a newer one"

built=$here/dist/flatnet-cni
[ -x "$built" ] || fail "$built is missing: npm ci && npm run build"
"$built" version >/dev/null || fail "$built does not run on this machine"
for program in ip nft; do
  command -v $program >/dev/null || say "$program is missing: apt-get install iproute2 nftables"
done

say "executable in $bin"
renewed=''
if put "$built" $bin/flatnet-cni 755; then renewed=1; fi
link flatnet-cni $bin/flatnet-ipam
# containerd on Debian looks for plugins here only, and podman looks here first.
if [ -d $other_bin ] || command -v podman >/dev/null; then
  [ -d $other_bin ] || change mkdir -p $other_bin
  for name in flatnet-cni flatnet-ipam; do link $bin/$name $other_bin/$name; done
fi

# podman 5 has no CNI. It runs a file with the name of a network's driver, and its own folders come first.
podman_major() { podman --version 2>/dev/null | sed -n 's/^podman version \([0-9]*\)[.].*/\1/p'; }
if [ "$(podman_major)" -ge 5 ] 2>/dev/null; then
  say 'network driver of podman'
  [ -d $drivers ] || change mkdir -p $drivers
  link $bin/flatnet-cni $drivers/flatnet-cni
  if ! networks=$(podman network ls --quiet --filter driver=flatnet-cni 2>&1); then
    say "podman does not list its networks: $networks"
  elif [ -n "$networks" ]; then
    say "podman's network is there, left alone:" $networks
  else
    change podman network create --driver flatnet-cni flatnet ||
      say 'by hand: podman network create --driver flatnet-cni NAME'
  fi
fi

say "command line in $local"
[ -d $local/bin ] || change mkdir -p $local/bin
offer $bin/flatnet-cni $local/bin/flatnet-cni
for page in "$here"/docs/man/*.8; do put "$page" "$local/share/man/man8/${page##*/}" 644 || true; done
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
for shell in bash zsh fish; do
  case $shell in
    bash) completion=bash-completion/completions/flatnet-cni ;;
    zsh) completion=zsh/site-functions/_flatnet-cni ;;
    fish) completion=fish/vendor_completions.d/flatnet-cni.fish ;;
  esac
  "$built" completion $shell >"$made/$shell"
  put "$made/$shell" $local/share/$completion 644 || true
done

say 'configuration'
named=$(grep -lsF '"flatnet-cni"' /etc/cni/net.d/*.conflist /etc/cni/net.d/*.conf || true)
if [ -n "$named" ]; then
  say "network configuration exists and stays:" $named
else
  put "$here/conflist/10-flatnet.conflist" /etc/cni/net.d/10-flatnet.conflist 644 || true
fi
[ -d /etc/flatnet/peers.d ] || change mkdir -p /etc/flatnet/peers.d

has_certificate() { [ -s /etc/nebula/host.crt ] || [ -s /etc/flatnet/flatnet.json ]; }
if [ -d /run/systemd/system ]; then
  say 'agent (systemd)'
  if put "$here/scripts/flatnet-agent.service" $unit 644; then renewed=1; change systemctl daemon-reload; fi
  systemctl is-enabled --quiet flatnet-agent 2>/dev/null || change systemctl enable flatnet-agent
  if ! has_certificate; then
    say 'not started: this host has no certificate yet; with its bundle: flatnet-cni join FILE'
  elif [ -n "$renewed" ] || ! systemctl is-active --quiet flatnet-agent; then
    change systemctl restart flatnet-agent
  fi
else
  say 'agent (no systemd)'
  if put "$here/scripts/agent-wsl.sh" $bin/agent-wsl.sh 755; then renewed=1; fi
  if [ -n "$renewed" ] && [ -e $bin/agent-wsl.sh ] && $bin/agent-wsl.sh status >/dev/null 2>&1; then
    change $bin/agent-wsl.sh restart
  fi
  if ! grep -qs "^command *=.*$bin/agent-wsl.sh start" /etc/wsl.conf; then
    say 'to start it with WSL, add these lines to /etc/wsl.conf (to its [boot] section, if there is one):'
    printf '    [boot]\n    command = %s/agent-wsl.sh start\n' $bin
  fi
  say "to start it now: $bin/agent-wsl.sh start"
fi
if [ -e /etc/flatnet/http-gateway/installed.json ] && [ -n "$renewed" ]; then
  say 'HTTP Gateway'
  change $bin/flatnet-cni http-gateway install
fi
[ -z "$dry" ] || { say 'nothing was changed (--dry-run)'; exit 0; }
say "done; to see what is missing: $bin/flatnet-cni check"
