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
// left behind. The same scripts run as root and as an unprivileged user. They find
//
//	$WORK      their directory and cwd, owned by the unprivileged user
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
//	[older:VERSION]                   condition: the host's util-linux is older, or
//	                                  there is none
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
//	                                  or is a zombie of one thread
//	signal NAME PID...                sends a signal: signal TERM $pid
//	readline VARIABLE FILE            the first line of a file, after its ends
//	rootfs DIR                        a small root file system (scripts/make-rootfs)
//
// Programs in PATH, usable in background commands and pipelines too. The first
// two keep their PID for the command they run:
//
//	asuser COMMAND...                 as the unprivileged user; without root, as is
//	withsubids COMMAND...             (root only) in a mount namespace in which
//	                                  the unprivileged user nskit-test has an account
//	                                  and the subordinate ids 100000 to 165535
//	fails CODE TEXT COMMAND...        it fails with the code, and says so in one
//	                                  line that begins with an applet's name and
//	                                  ends in TEXT, an expression of grep -E; a hint may
//	                                  follow, and nothing else is printed
//	runs NAME PID...                  until each process has become the program NAME
//	brief COMMAND...                  it succeeds, or fails with two lines at most
//
// Conditions: [root], [userns], [host:TOOL], [tool:NAME], [applet:NAME].
//
// End background commands yourself (signal, gone): at the end of a script they
// get SIGINT only, which the parent that `unshare --fork` leaves ignores.
//
// # Faults
//
// [Inject] runs a command with some of its system calls failing and tells all
// that it made, in every process; on amd64 alone.
//
// # Who sees what
//
// Every script runs in a process of its own. As root that process has mount, PID,
// network, IPC and UTS namespaces of its own, with a /proc to match, an empty /run
// and a loopback interface that is up; the other tests of a package share such a
// set. So no test sees what others make, be it in another package, in another
// clone, or by the machine's users. /tmp is shared: scripts have $WORK, and
// TMPDIR is in it. As an unprivileged user scripts share the machine's namespaces
// (scripts/as-user makes new ones for a package): they run one after the other, and
// look only for what they made themselves. [MainInPlace] is for tests that want to see
// the machine as it is.
//
// # Deadlines
//
// A script has a minute (NSKIT_TEST_DEADLINE). Then all its processes are named
// and killed, and it has failed, with the line at which it waited. As long has each
// process that another test starts, but for `sleep infinity`. Nothing outlives a run:
// its processes end even when it is killed.
//
// # Leaks
//
// A script, and then its package, leaves nothing behind: no process, orphans
// included, since the tests run below a child subreaper; no mount and no network
// interface, where the namespaces are the tests' own. What goes away by itself has
// the time for it.
package testkit
