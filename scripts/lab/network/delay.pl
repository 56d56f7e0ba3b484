#!/usr/bin/perl
# Delays packets: creates a tun device that returns every packet routed into it MS milliseconds later.
# usage: delay.pl DEVICE MS
use strict;
use warnings;
use Fcntl;
use Time::HiRes qw(time);

my ($device, $ms) = @ARGV;
sysopen(my $tun, '/dev/net/tun', O_RDWR | O_NONBLOCK) or die "/dev/net/tun: $!\n";
# linux/if_tun.h: TUNSETIFF; IFF_TUN | IFF_NO_PI.
ioctl($tun, 0x400454ca, pack('Z16 s x22', $device, 0x1001)) or die "TUNSETIFF: $!\n";

my @held;
while (1) {
  my $wait = @held ? $held[0][0] - time : 1;
  my $ready = '';
  vec($ready, fileno($tun), 1) = 1;
  select($ready, undef, undef, $wait > 0 ? $wait : 0);
  while (sysread($tun, my $packet, 65535)) { push @held, [time + $ms / 1000, $packet]; }
  while (@held && $held[0][0] <= time) { syswrite($tun, (shift @held)->[1]); }
}
