// Package testkit is what nskit's tests share: typed skips, and black-box
// scripts that run the real binary.
//
// # Skips
//
// A test that cannot run everywhere says what it needs:
//
//	testkit.Require(t, testkit.NeedsUserNamespaces)
//
// Where that is missing the test is skipped, and fails when the environment has
// NSKIT_TEST_MUST_WORK=1, so that a machine meant to run everything does.
// [Skip] is for needs that only the test itself can find out.
//
// # Scripts
//
// A black-box package is a folder test/NAME of testscript files and this:
//
//	func TestMain(m *testing.M)   { testkit.Main(m) }
//	func TestScripts(t *testing.T) { testkit.Scripts(t, "testdata") }
//
// [Main] builds nskit as the Makefile does (or takes the one that NSKIT_BIN
// names), puts its applets first in PATH, and checks afterwards that nothing was
// left behind. The same scripts run as root and as an ordinary user. They find
//
//	$WORK      their directory and cwd, owned by the ordinary user
//	$HOME      a directory below it
//	$HOST      a directory with the host's own unshare, nsenter, lsns, pivot_root;
//	           in a guest, which has none, with nskit's
//	$NSKIT     the binary itself
//
// and, beside the commands of testscript, in which a background command is
// written `exec COMMAND &NAME&`, these:
//
//	needs root|user|userns|subids     skips the script unless it is met; the only
//	needs tool|host|applet NAME       way to skip: the word skip is refused; the
//	needs guest                       a guest of scripts/test-vm
//	needs kernel PATH                 path is that of a file the feature brings,
//	                                  relative to /proc/self: ns/time
//	exits CODE COMMAND...             runs a command and demands its exit code,
//	                                  128+N for death by signal N
//	same COMMAND...                   runs it with the host's tools and with
//	                                  nskit's: both must print the same, on both
//	                                  outputs, and exit with the same code; a
//	                                  machine without such tools runs nskit's only
//	[!] waitfor COMMAND...            until the command succeeds (fails), at most
//	                                  for half a minute; never sleep instead
//	waitfile FILE                     until the file exists and is not empty
//	bgpid VARIABLE                    the PID of the last background command
//	gone PID...                       until the process does not exist any more,
//	                                  or is a zombie
//	signal NAME PID...                sends a signal: signal TERM $pid
//	readline VARIABLE FILE            the first line of a file, after its ends
//	rootfs DIR                        a small root file system (scripts/make-rootfs)
//
// Programs in PATH, usable in background commands and pipelines too. The first
// two keep their PID for the command they run:
//
//	asuser COMMAND...                 as the ordinary user; without root, as is
//	withsubids COMMAND...             (root only) in a mount namespace in which
//	                                  the ordinary user nskit-test has an account
//	                                  and the subordinate ids 100000 to 165535
//
// Conditions: [root], [userns], [host:TOOL], [tool:NAME], [applet:NAME].
//
// End background commands yourself (signal, gone): at the end of a script they
// get SIGINT only, which the parent that `unshare --fork` leaves ignores.
//
//	fails CODE TEXT COMMAND...        it fails with the code, and says so in one
//	                                  line that begins with an applet's name and
//	                                  ends in TEXT, an expression of grep -E; a hint may
//	                                  follow, and nothing else is printed
//	brief COMMAND...                  it succeeds, or fails with two lines at most
//
// # Faults
//
// [Inject] runs a command with some of its system calls failing and tells all
// that it made, in every process; on amd64 alone.
//
// # Leaks
//
// A process that a script leaves behind is found in two ways: by WORK in its
// environment when the script ends, and, since the tests run below a child
// subreaper, as an orphan of the whole package at its end. Mounts are compared
// before and after, and so are the names of the network interfaces; a namespace
// without processes needs a mount to live. Several runs may share one machine:
// what other runs come and go with is given time to go.
package testkit
