/**
 * What carries one connection there: standard input to the server, what the server says to standard output. Each ends
 * when either side ends, and leaves no process: our end of the pipe closing is all it is told.
 */

/** `wait -n` is of bash 4.3; a shell cannot shut down one direction of a socket, so both copies end together. */
export const bashRelay = `exec 3<>"/dev/tcp/$1/$2" || exit 1
exec 4<&0
cat <&4 >&3 &
up=$!
cat <&3 4<&- &
down=$!
wait -n
kill $up $down 2>/dev/null
exit 0`;

/** The child shuts the socket down, so that the parent, which reads it, ends and collects the child. */
export const perlRelay = `use strict; use Socket qw(:all);
my ($host, $port) = @ARGV; my ($socket, $why) = (undef, "");
sub attempt {
  my ($family, $address) = @_;
  my $made;
  if (socket($made, $family, SOCK_STREAM, 0) && connect($made, $address)) { return $made }
  $why = "$!"; return undef;
}
if ($host =~ m{^/}) { $socket = attempt(PF_UNIX, pack_sockaddr_un("$host/.s.PGSQL.$port")) }
else {
  my ($failure, @found) = getaddrinfo($host, $port, { socktype => SOCK_STREAM });
  $why = "$failure";
  for my $one (@found) { $socket = attempt($one->{family}, $one->{addr}) and last }
}
$socket or die "cannot connect to $host, port $port: $why\\n";
sub copy {
  my ($from, $to) = @_;
  while (sysread($from, my $bytes, 65536)) {
    for (my $at = 0; $at < length $bytes;) {
      my $count = syswrite($to, $bytes, length($bytes) - $at, $at);
      defined $count or return;
      $at += $count;
    }
  }
}
my $child = fork; defined $child or die "cannot fork: $!\\n";
if (!$child) { copy(*STDIN, $socket); shutdown($socket, 2); exit 0 }
copy($socket, *STDOUT); kill "TERM", $child; waitpid $child, 0;`;

export const pythonRelay = `import os, socket, sys, threading
host, port = sys.argv[1], sys.argv[2]
try:
    if host.startswith("/"):
        server = socket.socket(socket.AF_UNIX)
        server.connect(host + "/.s.PGSQL." + port)
    else:
        server = socket.create_connection((host, int(port)))
except OSError as why:
    sys.exit("cannot connect to %s, port %s: %s" % (host, port, why))
def up():
    try:
        while True:
            data = os.read(0, 65536)
            if not data:
                break
            server.sendall(data)
    finally:
        os._exit(0)
threading.Thread(target=up, daemon=True).start()
try:
    while True:
        data = server.recv(65536)
        if not data:
            break
        while data:
            data = data[os.write(1, data):]
finally:
    os._exit(0)`;
