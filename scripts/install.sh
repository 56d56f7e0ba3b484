#!/bin/sh
# Installs flatnet-cni on this host, or a newer one over it: executable, command line, network configuration, agent.
# As root, after `npm ci && npm run build`. Run it again at will: what is right already is left alone.
#
#   scripts/install.sh [--dry-run]
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
bin=/opt/cni/bin
other_bin=/usr/lib/cni
# On everybody's PATH, and where Debian's man and bash-completion look.
local=/usr/local
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
# Shows each change, and makes it unless this is a rehearsal.
change() { echo "  $*"; [ -n "$dry" ] || "$@"; }
# By another name and then renamed: whoever starts the file meanwhile has the old or the new one, never half of it.
# Returns 1 for a file that is right already, and for nothing else.
put() {
  [ -e "$2" ] && cmp -s "$1" "$2" && return 1
  # Said in words, since `set -e` does not count inside of what an `if` or `||` looks at.
  change install -D -m "$3" "$1" "$2.new" && change mv -f "$2.new" "$2" ||
    { rm -f "$2.new"; fail "$2 was not written, and is as it was before"; }
}
link() {
  [ "$(readlink "$2" 2>/dev/null)" = "$1" ] && return 0
  # Somebody's own file there is not ours to replace.
  if [ -e "$2" ] && [ ! -L "$2" ]; then say "$2 is a file, left alone; it should be a link to $1"; return 0; fi
  change ln -sfn "$1" "$2"
}
# The same, where others' links are left alone too.
offer() {
  case $(readlink "$2" 2>/dev/null) in '' | "$1") ;; *) say "$2 leads elsewhere, left alone"; return 0 ;; esac
  link "$1" "$2"
}

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
# Debian's containerd looks for plugins nowhere else, and podman there first.
if [ -d $other_bin ] || command -v podman >/dev/null; then
  [ -d $other_bin ] || change mkdir -p $other_bin
  for name in flatnet-cni flatnet-ipam; do link $bin/$name $other_bin/$name; done
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
  say "network configuration is there, left alone:" $named
else
  put "$here/conflist/10-flatnet.conflist" /etc/cni/net.d/10-flatnet.conflist 644 || true
fi
[ -d /etc/flatnet/peers.d ] || change mkdir -p /etc/flatnet/peers.d

has_certificate() { [ -s /etc/nebula/host.crt ] || [ -s /etc/flatnet/flatnet.json ]; }
if [ -d /run/systemd/system ]; then
  say 'agent, by systemd'
  if put "$here/scripts/flatnet-agent.service" $unit 644; then renewed=1; change systemctl daemon-reload; fi
  systemctl is-enabled --quiet flatnet-agent 2>/dev/null || change systemctl enable flatnet-agent
  if ! has_certificate; then
    say 'not started: put ca.crt, host.crt and host.key into /etc/nebula, then: systemctl start flatnet-agent'
  elif [ -n "$renewed" ] || ! systemctl is-active --quiet flatnet-agent; then
    change systemctl restart flatnet-agent
  fi
else
  say 'agent, without systemd'
  if put "$here/scripts/agent-wsl.sh" $bin/agent-wsl.sh 755; then renewed=1; fi
  if [ -n "$renewed" ] && [ -e $bin/agent-wsl.sh ] && $bin/agent-wsl.sh status >/dev/null 2>&1; then
    change $bin/agent-wsl.sh restart
  fi
  if ! grep -qs "^command *=.*$bin/agent-wsl.sh start" /etc/wsl.conf; then
    say 'to have it started with WSL, put these lines into /etc/wsl.conf (into [boot] where there is one):'
    printf '    [boot]\n    command = %s/agent-wsl.sh start\n' $bin
  fi
  say "now, by hand: $bin/agent-wsl.sh start"
fi
[ -z "$dry" ] || { say 'nothing was changed (--dry-run)'; exit 0; }
say "done; what is still missing: $bin/flatnet-cni check"
