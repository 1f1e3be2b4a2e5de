package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nskit/nskit/internal/testkit"
)

// completionFiles are the files by the shell that reads them.
var completionFiles = map[string]string{"bash": "nskit.bash", "fish": "nskit.fish", "zsh": "_nskit"}

// expectation is what completing a line must offer and must not.
type expectation struct {
	line, offers, hides string
}

// expectations holds for every shell. Of "--name=value", "a,b" and "/a/b" only
// what is last is compared: shells differ in what they replace.
func expectations() []expectation {
	inode, _ := os.Readlink("/proc/self/ns/net")
	return []expectation{
		{"nskit ", "unshare nsenter lsns vethctl", "--mount"},
		{"nskit --in", "--install", "--list"},
		{"nskit unshare --prop", "--propagation", "--fork"},
		{"nskit nosuch ", "", "unshare --list"},
		{"unshare --map-r", "--map-root-user", "--map-user"},
		{"unshare --propagation s", "shared slave", "private"},
		{"unshare --propagation=s", "shared slave", "private"},
		{"unshare -rf --kill-child=TE", "TERM", "KILL"},
		{"unshare --map-user ro", "root", "daemon"},
		{"unshare --map-group ro", "root", "daemon"},
		{"unshare --map-users a", "auto all", "subids"},
		{"unshare -R /us", "usr", ""},
		{"unshare --root=/us", "usr", ""},
		{"unshare -UrS 0 xarg", "xargs", ""},
		{"unshare -r -- xarg", "xargs", ""},
		{"unshare xargs --", "", "--mount"},
		{"unshare -Ur nsenter --tar", "--target", "--mount"},
		{"nskit unshare -Ur nskit lsns --per", "--persistent", "--mount"},
		{fmt.Sprintf("nsenter -t %d", os.Getpid()), fmt.Sprint(os.Getpid()), ""},
		{"nsenter --net=/run/netns/b", "blue", ""},
		{"lsns --type u", "user uts", "mnt"},
		{"lsns -o NS,TY", "TYPE", "NS"},
		{"lsns -o NS,", "TYPE PATH", "-J -default-"},
		{"lsns --tree=p", "parent process", "owner"},
		{"lsns --persistent ", strings.Trim(inode, "net:[]"), "unshare"},
		{"vethctl ", "add list batch", "unshare"},
		{"vethctl add --mt", "--mtu", "--bridge"},
		{"vethctl list --graph=", "text dot", ""},
		{"vethctl list --ns b", "blue", "lo"},
		{"vethctl list -", "--json", "--mtu"},
		{"vethctl show l", "lo", "blue"},
		{"vethctl show b", "blue", "lo"},
		{"vethctl move lo b", "blue", "lo"},
		{"vethctl set lo mt", "mtu=", "up"},
		{"vethctl set lo up mt", "mtu=", "up"},
	}
}

// TestCompletions completes lines in the real shells, all in one namespace with
// a /run/netns of its own.
func TestCompletions(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	for shell, file := range completionFiles {
		t.Run(shell, func(t *testing.T) {
			testkit.Require(t, testkit.NeedsTool(shell))
			offered := complete(t, shell, file)
			for _, want := range expectations() {
				want.check(t, offered[want.line])
			}
		})
	}
}

func (e expectation) check(t *testing.T, offered []string) {
	t.Helper()
	for _, word := range strings.Fields(e.offers) {
		if !slices.Contains(offered, word) {
			t.Errorf("%q: %s is not offered, but %.300q", e.line, word, offered)
		}
	}
	for _, word := range strings.Fields(e.hides) {
		if slices.Contains(offered, word) {
			t.Errorf("%q: %s is offered", e.line, word)
		}
	}
}

// complete runs all lines through a shell.
func complete(t *testing.T, shell, file string) map[string][]string {
	t.Helper()
	var lines strings.Builder
	for _, want := range expectations() {
		lines.WriteString(want.line + "\n")
	}
	path, err := filepath.Abs("../../completions/" + file)
	if err != nil {
		t.Fatal(err)
	}
	// The inner shell must be able to see the tree under any user.
	script := `mount -t tmpfs none /run && mkdir -p /run/netns && : >/run/netns/blue && exec "$@"`
	cmd := exec.Command("unshare", "-Urm", "sh", "-c", script, "sh", shell, "shells/"+shell, path)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(os.Getenv("NSKIT"))+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
	cmd.Stdin = strings.NewReader(lines.String())
	cmd.WaitDelay = time.Second
	timer := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return parseOffers(string(output))
}

// parseOffers reads "== line" and what follows: a candidate a line, with a
// description behind a tab or in parentheses.
func parseOffers(output string) map[string][]string {
	offered := map[string][]string{}
	line := ""
	for word := range strings.Lines(output) {
		word = strings.TrimRight(word, "\n")
		if next, ok := strings.CutPrefix(word, "== "); ok {
			line = next
			continue
		}
		word, _, _ = strings.Cut(word, "\t")
		word, _, _ = strings.Cut(word, "  (")
		if !strings.HasSuffix(word, "=") {
			word = word[strings.LastIndexAny(word, "=,")+1:]
		}
		offered[line] = append(offered[line], strings.TrimSuffix(filepath.Base(word), ":"))
	}
	return offered
}
