#!/usr/bin/perl
# Gives one order to the management console of a User-mode Linux kernel (arch/um: mconsole) and prints its answer. Run in the host's directory,
# as the kernel is: both find the other's socket by its relative path.
#
# Usage: uml-control.pl "config ubdb=/path/of/disk.img"
use strict;
use warnings;
use Socket;

my $order = shift // die "usage: uml-control.pl <order>\n";
my $own = "uml/control.$$";
$SIG{ALRM} = sub { unlink $own; die "the kernel does not answer\n" };
alarm 10;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!\n";
bind($socket, sockaddr_un($own)) or die "bind $own: $!\n";
# magic, version, length, text
my $sent = send($socket, pack("L3 a512", 0xcafebabe, 2, length $order, $order), 0, sockaddr_un("uml/host/mconsole"));
my ($error, $more, $text) = (0, 0, "");
if (defined $sent) {
    do {
        recv($socket, my $reply, 1024, 0) // die "recv: $!\n";
        ($error, $more, my ($length, $data)) = unpack("L3 a*", $reply);
        $text .= substr($data, 0, $length);
    } while ($more);
}
my $reason = $!;
unlink $own;
die "send: $reason\n" unless defined $sent;
print "$text\n";
exit($error ? 1 : 0);
