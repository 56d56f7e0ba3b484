#!/bin/sh
# Takes away what scripts/install.sh put onto this host. As root; run it again at will.
# Leases, records, learnt certificates and the history stay unless --purge; /etc/flatnet and /etc/nebula stay always.
#
#   scripts/uninstall.sh [--dry-run] [--purge]
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
bin=/opt/cni/bin
other_bin=/usr/lib/cni
unit=/etc/systemd/system/flatnet-agent.service
state=/var/lib/cni/flatnet

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

# Without the plugin no runtime can take a container off the network again.
attached=$(find $state/attachments -type f ! -name '.*' 2>/dev/null | wc -l)
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
  if nft list table $family flatnet >/dev/null 2>&1; then change nft delete table $family flatnet; fi
done
if ip link show flatnet0 >/dev/null 2>&1; then attempt ip link delete flatnet0; fi

say 'files'
for name in flatnet-cni flatnet-ipam; do
  [ "$(readlink $other_bin/$name 2>/dev/null)" != $bin/$name ] || remove $other_bin/$name
done
remove $bin/flatnet-ipam $bin/flatnet-cni $bin/agent-wsl.sh
conflist=/etc/cni/net.d/10-flatnet.conflist
if [ -e $conflist ]; then
  if cmp -s "$here/conflist/10-flatnet.conflist" $conflist; then remove $conflist
  else say "$conflist was changed and stays; no runtime can use it now"; fi
fi
remove /run/flatnet
if [ -n "$purge" ]; then
  remove $state /var/lib/flatnet /var/log/flatnet-agent.log /var/log/flatnet-agent.log.1
else
  for path in $state /var/lib/flatnet; do [ ! -e $path ] || say "$path stays (--purge removes it)"; done
fi
[ ! -e /etc/flatnet ] || say '/etc/flatnet stays; remove it by hand when nobody needs it'
[ -z "$dry" ] || { say 'nothing was changed (--dry-run)'; exit 0; }
say 'done'
