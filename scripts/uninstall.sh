#!/bin/sh
# Takes away what scripts/install.sh put onto this host. As root; run it again at will.
# Leases, records, learnt certificates and the history stay unless --purge; /etc/flatnet and /etc/nebula stay always.
#
#   scripts/uninstall.sh [--dry-run] [--purge]
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
bin=/opt/cni/bin
other_bin=/usr/lib/cni
local=/usr/local
unit=/etc/systemd/system/flatnet-agent.service

fail() { echo "uninstall: $*" >&2; exit 1; }
dry='' purge=''
for word in "$@"; do
  case $word in
    --dry-run) dry=1 ;;
    --purge) purge=1 ;;
    *) fail 'usage: scripts/uninstall.sh [--dry-run] [--purge]' ;;
  esac
done
[ "$(id -u)" = 0 ] || [ -n "$dry" ] || fail 'run this as root'

say() { echo "uninstall: $*"; }
change() { echo "  $*"; [ -n "$dry" ] || "$@"; }
# What may be gone already, or is not ours to insist on.
attempt() { echo "  $*"; [ -n "$dry" ] || "$@" >/dev/null 2>&1 || true; }
remove() { for path in "$@"; do if [ -e "$path" ] || [ -L "$path" ]; then change rm -rf "$path"; fi; done; }

# Where the settings put things.
state='' data='' run='' bridge=''
for program in $bin/flatnet-cni "$here/dist/flatnet-cni"; do
  [ -x "$program" ] || continue
  settings=$("$program" agent --print-config) || fail 'put /etc/flatnet/flatnet.json right, or move it away'
  setting() { printf '%s\n' "$settings" | sed -n "s/^ *\"$1\": \"\(.*\)\",*\$/\1/p"; }
  state=$(setting stateDir) data=$(setting dataDir) run=$(setting runDir) bridge=$(setting bridge)
  break
done
: "${state:=/var/lib/cni/flatnet}" "${data:=/var/lib/flatnet}" "${run:=/run/flatnet}" "${bridge:=flatnet0}"
# A folder that settings name may be one that others use as well.
remove_folder() {
  [ -e "$1" ] || return 0
  case ${1##*/} in
    *flatnet*) remove "$1" ;;
    *) say "$1 stays: remove what is flatnet's in it by hand" ;;
  esac
}

# Without the plugin no runtime can take a container off the network again.
attached=$(find "$state/attachments" -type f ! -name '.*' 2>/dev/null | wc -l)
[ "$attached" -eq 0 ] || fail "$attached attachments are left: stop the containers, then flatnet-cni gc (flatnet-cni ps shows them)"

say 'agent'
if [ -e $unit ]; then
  attempt systemctl disable --now flatnet-agent
  remove $unit
  attempt systemctl daemon-reload
fi
[ ! -x $bin/agent-wsl.sh ] || change $bin/agent-wsl.sh stop
if grep -qs "agent-wsl.sh" /etc/wsl.conf; then say 'take the line with agent-wsl.sh out of /etc/wsl.conf'; fi

say 'routes, rules and bridge'
for family in -4 -6; do
  [ -z "$(ip $family route show table all proto 77 2>/dev/null)" ] || change ip $family route flush table all proto 77
done
for family in ip ip6; do
  for table in flatnet flatnet_drill flatnet_drill_seen; do
    if nft list table $family $table >/dev/null 2>&1; then change nft delete table $family $table; fi
  done
  # Where another firewall drops by default, what lets containers through stands in its chains.
  for chain in FORWARD DOCKER-USER; do
    for rule in $(nft -a list chain $family filter $chain 2>/dev/null |
      sed -n 's/.* comment "flatnet" # handle \([0-9]*\)$/\1/p'); do
      change nft delete rule $family filter $chain handle "$rule"
    done
  done
done
if ip link show dev "$bridge" >/dev/null 2>&1; then
  if [ -z "$(ip -o link show master "$bridge")" ]; then attempt ip link delete "$bridge"
  else say "$bridge stays: it has links that are not ours"; fi
fi

say 'files'
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
  else say "$conflist was changed and stays; no runtime can use it now"; fi
fi
remove_folder "$run"
if [ -n "$purge" ]; then
  remove_folder "$state"
  remove_folder "$data"
  remove /var/log/flatnet-agent.log /var/log/flatnet-agent.log.1
else
  for path in "$state" "$data"; do [ ! -e "$path" ] || say "$path stays (--purge removes it)"; done
fi
[ ! -e /etc/flatnet ] || say '/etc/flatnet stays; remove it by hand when nobody needs it'
[ -z "$dry" ] || { say 'nothing was changed (--dry-run)'; exit 0; }
say 'done'
