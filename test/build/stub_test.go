package build

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// withStub builds an nskit for a stub, and the stub, and returns their directory.
func withStub(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for path := dir; path != os.TempDir() && path != "/"; path = filepath.Dir(path) {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	binary, stub := filepath.Join(dir, "nskit"), filepath.Join(dir, "stub")
	script(t, top(t), "build", []string{"STUB=" + stub}, binary)
	file, err := exec.Command(binary, "--stub").Output()
	if err != nil || len(file) > 4096 {
		t.Fatalf("%v, %d bytes", err, len(file))
	}
	if err := os.WriteFile(stub, file, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestStub runs nskit with a file that is executed in the place of files in memory.
// Each script is in a shell of root's with mounts and processes of its own.
func TestStub(t *testing.T) {
	testkit.Require(t, testkit.NeedsRoot)
	for _, tool := range []string{"strace", "setpriv", "unshare"} {
		testkit.Require(t, testkit.NeedsTool(tool))
	}
	dir := withStub(t)
	for name, text := range stubScripts {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "unshare", "-mpf", "--mount-proc", "--kill-child", "timeout", "60", "sh", "-eux", "-c", "no() { if \"$@\"; then exit 99; fi; }\n"+text)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			if output, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

var stubScripts = map[string]string{
	"what runs": `
test "$(nskit unshare -f -u sh -c 'echo $0 $1; exit 3' 'a b' c || echo $?)" = 'a b c
3'
test "$(printf x | nskit unshare -f cat; A=b nskit unshare -f sh -c 'echo $A')" = xb
nskit unshare -u sleep 1000 & pid=$!
until [ "$(readlink /proc/$pid/ns/uts)" != "$(readlink /proc/self/ns/uts)" ]; do :; done
test "$(nskit nsenter -t $pid -u readlink /proc/self/ns/uts)" = "$(readlink /proc/$pid/ns/uts)"
nskit nsenter -t $pid -a -F true
setpriv --reuid 1000 --regid 1000 --clear-groups nskit unshare -Urpf --mount-proc sh -c 'test $$ = 1'
setpriv --reuid 1000 --regid 1000 --clear-groups nskit unshare -Ur nskit unshare -f true
nskit unshare -f sh -c 'exit 4' <&- || test $? = 4
(ulimit -n 12; nskit unshare -f true)
kill $pid
`,
	"what is executed": `
strace -y -o trace -e trace=execve,execveat,memfd_create nskit unshare -f -u true
grep -q '^execveat(' trace
no grep -E '^execve(at)?\(.*memfd' trace
no grep 'memfd_create.*MFD_EXEC' trace
`,
	"what is in reach": `
nskit unshare -f sh -c 'echo >ready; exec sleep 1000' 3>&- 4>&- & parent=$!
until [ -e ready ]; do :; done
cmp /proc/$parent/exe stub
ls -l /proc/$parent/fd >open
no grep -E 'stub|memfd' open
no grep -E ' .w.. .*(stub|memfd)' /proc/$parent/maps
grep -q 'r--p .*memfd:nskit' /proc/$parent/maps
before=$(cksum <stub)
no sh -c 'echo x >/proc/'$parent'/exe'
exec 9</proc/$parent/exe
kill -KILL $parent
wait $parent || :
no sh -c 'echo x >/proc/self/fd/9' 2>said
grep 'Read-only file system' said
test "$(cksum <stub)" = "$before"
`,
	"what is refused": `
refused() {
	nskit unshare -u true
	code=0
	said=$(nskit unshare -f true 2>&1) || code=$?
	test "$code $said" = "1 unshare: cannot start: cannot use $PWD/stub: $1"
	no nskit nsenter -t $$ -u true 2>/dev/null
}
cp stub kept
chmod 775 stub; refused 'others than root may write it'
chmod 644 stub; refused 'it is not an executable file'
chmod 755 stub; chown 1000 stub; refused "it is not root's"
chown 0 stub; printf x >>stub; refused "it is another binary's (nskit --stub writes this one's)"
rm stub; refused 'cannot open it: No such file or directory'
mkfifo stub; refused 'it is not an executable file'
rm stub; mv kept stub
code=0; said=$(./stub 2>&1) || code=$?
test "$code $said" = "126 nskit's stub: only nskit can start this"
`,
}

// TestInstallStub wants make install to put the stub where nskit looks for it.
func TestInstallStub(t *testing.T) {
	tree, stage := top(t), t.TempDir()
	binary := filepath.Join(t.TempDir(), "nskit")
	env := []string{"STUB=/usr/libexec/nskit/stub", "NSKIT_BIN=" + binary, "DESTDIR=" + stage, "PREFIX=/usr"}
	script(t, tree, "build", env, binary)
	script(t, tree, "install", env)
	want, err := exec.Command(binary, "--stub").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(stage, "usr/libexec/nskit/stub")
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o755 || !bytes.Equal(read(t, path), want) {
		t.Errorf("%v, %v", info, err)
	}
	script(t, tree, "uninstall", env)
	if left := files(t, stage); len(left) > 0 {
		t.Errorf("left: %s", strings.Join(left, " "))
	}
}
