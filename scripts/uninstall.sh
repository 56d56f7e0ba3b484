#!/bin/sh
# Removes what scripts/install.sh installed on this host. Run it as root; it can be run again at any time.
# Leases, records, learnt certificates and the history stay unless --purge is given; /etc/flatnet and
# /etc/nebula always stay.
#
#   scripts/uninstall.sh [--dry-run] [--purge]
#
# The Debian package removes its files itself and calls this with --check (fails while containers use the
# network) and --kernel-only (routes, rules, bridge and podman's network, no files).
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
bin=/opt/cni/bin
other_bin=/usr/lib/cni
local=/usr/local
driver=$local/libexec/netavark/flatnet-cni
unit=/etc/systemd/system/flatnet-agent.service

fail() { echo "uninstall: $*" >&2; exit 1; }
dry='' purge='' part=''
for word in "$@"; do
  case $word in
    --dry-run) dry=1 ;;
    --purge) purge=1 ;;
    --check | --kernel-only) part=$word ;;
    *) fail 'usage: scripts/uninstall.sh [--dry-run] [--purge]' ;;
  esac
done
[ "$(id -u)" = 0 ] || [ -n "$dry" ] || fail 'run this as root'

say() { echo "uninstall: $*"; }
change() { echo "  $*"; [ -n "$dry" ] || "$@"; }
# Makes a change that may fail: the thing may no longer exist, or may belong to another program.
attempt() { echo "  $*"; [ -n "$dry" ] || "$@" >/dev/null 2>&1 || true; }
remove() { for path in "$@"; do if [ -e "$path" ] || [ -L "$path" ]; then change rm -rf "$path"; fi; done; }

# Where the settings put files.
state='' data='' run='' bridge=''
for program in $bin/flatnet-cni "$here/dist/flatnet-cni"; do
  [ -x "$program" ] || continue
  settings=$("$program" agent --print-config) || fail 'correct /etc/flatnet/flatnet.json, or move it away'
  setting() { printf '%s\n' "$settings" | sed -n "s/^ *\"$1\": \"\(.*\)\",*\$/\1/p"; }
  state=$(setting stateDir) data=$(setting dataDir) run=$(setting runDir) bridge=$(setting bridge)
  break
done
: "${state:=/var/lib/cni/flatnet}" "${data:=/var/lib/flatnet}" "${run:=/run/flatnet}" "${bridge:=flatnet0}"
# Other programs may use a folder that the settings name.
remove_folder() {
  [ -e "$1" ] || return 0
  case ${1##*/} in
    *flatnet*) remove "$1" ;;
    *) say "$1 stays: remove flatnet's files in it manually" ;;
  esac
}

# leave needs the program, and restores what join replaced.
[ ! -e "$data/join/journal.jsonl" ] || fail 'this host has joined an office; first run: flatnet-cni leave'

# Without the plugin no runtime can detach a container from the network.
attached=$(find "$state/attachments" -type f ! -name '.*' 2>/dev/null | wc -l)
[ "$attached" -eq 0 ] ||
  fail "$attached attachments remain: stop the containers (flatnet-cni ps lists them)," \
    'then run flatnet-cni gc'

# podman 5 keeps the network of a stopped container, which could then not be started again.
networks=''
if [ -L $driver ] && command -v podman >/dev/null; then
  networks=$(podman network ls --quiet --filter driver=flatnet-cni)
  for network in $networks; do
    [ -z "$(podman ps --all --quiet --filter network="$network")" ] ||
      fail "containers use podman's network $network: podman ps --all --filter network=$network," \
        'then podman rm'
  done
fi

[ "$part" != --check ] || exit 0
if [ -z "$part" ] && [ "$(dpkg-query -S $bin/flatnet-cni 2>/dev/null)" != '' ]; then
  fail "$bin/flatnet-cni belongs to a Debian package: apt-get remove flatnet-cni"
fi

if [ -e /etc/flatnet/http-gateway ]; then
  say 'HTTP Gateway'
  if [ -x $bin/flatnet-cni ]; then change $bin/flatnet-cni http-gateway uninstall
  else say '/etc/flatnet/http-gateway stays: flatnet-cni http-gateway uninstall removes it'; fi
fi

say 'agent'
if [ -z "$part" ] && [ -e $unit ]; then
  attempt systemctl disable --now flatnet-agent
  remove $unit
  attempt systemctl daemon-reload
fi
[ ! -x $bin/agent-wsl.sh ] || change $bin/agent-wsl.sh stop
if grep -qs "agent-wsl.sh" /etc/wsl.conf; then say 'remove the line with agent-wsl.sh from /etc/wsl.conf'; fi

say 'routes, rules and bridge'
for family in -4 -6; do
  [ -z "$(ip $family route show table all proto 77 2>/dev/null)" ] ||
    change ip $family route flush table all proto 77
done
for family in ip ip6; do
  for table in flatnet flatnet_names flatnet_drill flatnet_drill_seen; do
    if nft list table $family $table >/dev/null 2>&1; then change nft delete table $family $table; fi
  done
  # Where another firewall drops by default, its chains hold flatnet's accept rules.
  for chain in FORWARD DOCKER-USER; do
    for rule in $(nft -a list chain $family filter $chain 2>/dev/null |
      sed -n 's/.* comment "flatnet" # handle \([0-9]*\)$/\1/p'); do
      change nft delete rule $family filter $chain handle "$rule"
    done
  done
done
if ip link show dev "$bridge" >/dev/null 2>&1; then
  if [ -z "$(ip -o link show master "$bridge")" ]; then attempt ip link delete "$bridge"
  else say "$bridge stays: it has ports that are not flatnet's"; fi
fi

if [ -n "$networks" ]; then
  say 'network of podman'
  for network in $networks; do change podman network rm "$network"; done
fi

[ -z "$part" ] || { remove_folder "$run"; exit 0; }

say 'files'
[ "$(readlink $driver 2>/dev/null)" != $bin/flatnet-cni ] || remove $driver
for name in flatnet-cni flatnet-ipam; do
  [ "$(readlink $other_bin/$name 2>/dev/null)" != $bin/$name ] || remove $other_bin/$name
done
[ "$(readlink $local/bin/flatnet-cni 2>/dev/null)" != $bin/flatnet-cni ] || remove $local/bin/flatnet-cni
[ "$(readlink $bin/flatnet-ipam 2>/dev/null)" != flatnet-cni ] || remove $bin/flatnet-ipam
remove $bin/flatnet-cni $bin/agent-wsl.sh
remove $local/share/man/man8/flatnet-cni*.8 $local/share/bash-completion/completions/flatnet-cni \
  $local/share/zsh/site-functions/_flatnet-cni $local/share/fish/vendor_completions.d/flatnet-cni.fish
conflist=/etc/cni/net.d/10-flatnet.conflist
if [ -e $conflist ]; then
  if cmp -s "$here/conflist/10-flatnet.conflist" $conflist; then remove $conflist
  else say "$conflist was edited and stays; no runtime can use it now"; fi
fi
remove_folder "$run"
if [ -n "$purge" ]; then
  remove_folder "$state"
  remove_folder "$data"
  remove /var/log/flatnet-agent.log /var/log/flatnet-agent.log.1
else
  for path in "$state" "$data"; do [ ! -e "$path" ] || say "$path stays (--purge removes it)"; done
fi
[ ! -e /etc/flatnet ] || say '/etc/flatnet stays; remove it manually if it is no longer needed'
[ -z "$dry" ] || { say 'nothing was changed (--dry-run)'; exit 0; }
say 'done'
