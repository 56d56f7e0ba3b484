// The peak memory of a call: getrusage(2) of the children that a small program has waited for. Node does not
// tell it, and perl-base is part of every Debian.

const GETRUSAGE: Readonly<Record<string, number>> = { x64: 98, arm64: 165 }

// ru_maxrss, in kB, follows two struct timeval of two longs each. RUSAGE_CHILDREN is -1.
const SCRIPT = `
my ($file, $number) = splice @ARGV, 0, 2;
my $code = system { $ARGV[0] } @ARGV;
my $usage = "\\0" x 144;
syscall(0 + $number, -1, $usage);
open(my $out, ">", $file) or die;
print {$out} +(unpack "q*", $usage)[4];
exit($code >> 8);
`

/** Returns a command that runs another one and writes the kB of its largest process to a file. */
export function peakOf(argv: readonly string[], file: string): readonly string[] {
  const number = GETRUSAGE[process.arch] ?? GETRUSAGE['x64']
  return ['perl', '-e', SCRIPT, file, String(number), ...argv]
}
