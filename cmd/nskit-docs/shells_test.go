package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/testkit"
)

// completionFiles are the files by the shell that reads them.
var completionFiles = map[string]string{"bash": "nskit.bash", "fish": "nskit.fish", "zsh": "_nskit"}

// query is a line that is completed: what must be offered, and what must not.
type query struct {
	line, offers, hides string
	// notFish is for a value that may be left out and stands behind a short option:
	// fish takes its first letter for another option.
	notFish bool
}

// attached finds a short option with its value in one word.
var attached = regexp.MustCompile(` -[a-zA-Z]([^ ]+)$`)

// samples are values of each kind: the beginning of one, what it is completed
// to, and what that kind does not offer. The directory has a zfile and a zdir.
func samples(option *getopt.Option) (typed, offers, hides string) {
	switch kindOf(option) {
	case "files":
		return "z", "zfile zdir", ""
	case "netfiles":
		return "z", "zfile", ""
	case "dirs":
		return "z", "zdir", "zfile"
	case "users", "groups":
		return "roo", "root", "zfile zdir"
	case "signals":
		return "TER", "TERM", "zfile zdir"
	case "pids":
		return "2", "2", "zfile zdir" // what sleeps beside the shell
	case "netns", "places":
		return "bl", "blue", "zfile zdir"
	case "oneof", "listof":
		return option.Words[0][:1], option.Words[0], "zfile zdir"
	}
	return "", "", ""
}

// queriesOf are all ways to come to the value of an option: with nothing typed, a
// beginning, in the next word, behind "=", in the same word, after a comma.
func queriesOf(key string, option *getopt.Option) []query {
	queries := []query{{key + " --" + option.Long[:len(option.Long)-1], "--" + option.Long, "zfile zdir", false}}
	typed, offers, hides := samples(option)
	if offers == "" {
		return queries
	}
	var before []string
	if option.Arg == getopt.Required {
		before = append(before, "--"+option.Long+" ")
	}
	before = append(before, "--"+option.Long+"=")
	if option.Short != 0 && option.Arg == getopt.Required {
		before = append(before, "-"+letter(option)+" ")
	}
	for _, words := range before {
		begun := key + " " + words
		queries = append(queries, query{begun, offers, hides, false}, query{begun + typed, offers, hides, false})
		if kindOf(option) != "listof" {
			continue
		}
		last, other := option.Words[len(option.Words)-1], option.Words[0]
		queries = append(queries,
			query{begun + other + ",", last, hides, false},
			query{begun + other + "," + last[:len(last)-1], last, hides, false},
			query{begun + other + "," + last + ",", option.Words[1], hides, false})
	}
	if option.Short != 0 && option.Arg != getopt.OptionalLong {
		queries = append(queries, query{key + " -" + letter(option) + typed, offers, hides, option.Arg == getopt.Optional})
	}
	return queries
}

// chosen are lines that no table says: commands, operands, another command line
// within one.
func chosen() []query {
	inode, _ := os.Readlink("/proc/self/ns/net")
	return []query{
		{"nskit ", "unshare nsenter lsns vethctl", "--mount", false},
		{"nskit --in", "--install", "--list", false},
		{"nskit unshare --prop", "--propagation", "--fork", false},
		{"nskit nosuch ", "", "unshare --list", false},
		{"unshare --map-r", "--map-root-user", "--map-auto", false},
		{"unshare --propagation s", "shared slave", "private", false},
		{"unshare --propagation=s", "shared slave", "private", false},
		{"unshare -rf --kill-child=TE", "TERM", "KILL", false},
		{"unshare --map-user ro", "root", "daemon", false},
		{"unshare --map-group ro", "root", "daemon", false},
		{"unshare --map-users a", "auto all", "subids", false},
		{"unshare -R /us", "usr", "", false},
		{"unshare --root=/us", "usr", "", false},
		{"unshare -UrS 0 xarg", "xargs", "", false},
		{"unshare -r -- xarg", "xargs", "", false},
		{"unshare xargs --", "", "--mount", false},
		{"unshare -Ur nsenter --tar", "--target", "--mount", false},
		{"nskit unshare -Ur nskit lsns --per", "--persistent", "--mount", false},
		{"nsenter -t 2", "2", "", false},
		{"nsenter --net=/run/netns/b", "blue", "", false},
		{"lsns --type u", "user uts", "mnt", false},
		{"lsns -o NS,TY", "TYPE", "NS", false},
		{"lsns -o NS,", "TYPE PATH", "-J -default-", false},
		{"lsns --tree=p", "parent process", "owner", false},
		{"lsns --persistent ", strings.Trim(inode, "net:[]"), "unshare", false},
		{"vethctl ", "add list batch", "unshare", false},
		{"vethctl add --mt", "--mtu", "--bridge", false},
		{"vethctl list --graph=", "text dot", "", false},
		{"vethctl list --ns b", "blue", "lo", false},
		{"vethctl list --ns c", "ctr:web", "blue", false},
		{"vethctl show c", "ctr:web", "blue", false},
		{"vethctl move lo c", "ctr:web", "blue", false},
		{"nsenter -t c", "ctr:web", "", false},
		{"nsenter --netns c", "", "ctr:web", false},
		{"lsns c", "ctr:web", "", false},
		{"vethctl list -", "--json", "--mtu", false},
		{"vethctl show l", "lo", "blue", false},
		{"vethctl show b", "blue", "lo", false},
		{"vethctl move lo b", "blue", "lo", false},
		{"vethctl set lo mt", "mtu=", "up", false},
		{"vethctl set lo up mt", "mtu=", "up", false},
	}
}

// queries goes through the tables of all applets. An applet's other names have the
// same tables, and of an option that several applets share only the first one's values are asked for.
func queries() []query {
	all := chosen()
	inner := names(everything(), true)
	seen, shared := map[string]bool{}, map[string]bool{}
	for _, f := range forms(everything()) {
		if f.key != "pivot" && strings.HasPrefix(f.key, "pivot") {
			continue
		}
		if slices.Contains(inner, f.key) {
			f.key = "nskit " + f.key
		}
		for i := range f.options {
			o := &f.options[i]
			asked := queriesOf(f.key, o)
			same := fmt.Sprint(o.Short, o.Long, o.Arg, o.Words, kindOf(o))
			if shared[same] {
				asked = asked[:1]
			}
			shared[same] = true
			for _, q := range asked {
				if !seen[q.line] {
					seen[q.line] = true
					all = append(all, q)
				}
			}
		}
	}
	return all
}

// TestValues completes the values of every option of every applet in the real
// shells, each of which is started once.
func TestValues(t *testing.T) {
	testkit.Require(t, testkit.NeedsUserNamespaces)
	all := queries()
	for shell, file := range completionFiles {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			testkit.Require(t, testkit.NeedsTool(shell))
			offered := complete(t, shell, file, all)
			for _, q := range all {
				if shell != "fish" || !q.notFish {
					q.check(t, offered[q.line])
				}
			}
		})
	}
}

func (q query) check(t *testing.T, offered []string) {
	t.Helper()
	if word := attached.FindString(q.line); word != "" { // with or without the option
		for _, candidate := range offered {
			offered = append(offered, strings.TrimPrefix(candidate, word[1:3]))
		}
	}
	for _, word := range strings.Fields(q.offers) {
		if !slices.Contains(offered, word) {
			t.Errorf("%q: %s is not offered, but %.200q", q.line, word, offered)
		}
	}
	for _, word := range strings.Fields(q.hides) {
		if slices.Contains(offered, word) {
			t.Errorf("%q: %s is offered", q.line, word)
		}
	}
}

// complete runs all lines through a shell, in a directory with a zfile and a zdir
// and where there is a network namespace "blue" and, as an nskit says, a container "web".
func complete(t *testing.T, shell, file string, all []query) map[string][]string {
	t.Helper()
	var lines strings.Builder
	for _, q := range all {
		lines.WriteString(q.line + "\n")
	}
	// In a PID namespace, because a busy machine has more processes than can be
	// offered again and again. The inner shell must be able to see the tree under any user.
	script := `sleep 1000 >/dev/null 2>&1 & mount -t tmpfs none /run && mkdir -p /run/netns && : >/run/netns/blue &&
		printf '#!/bin/sh\necho web\n' >/run/nskit && chmod +x /run/nskit && PATH=/run:$PATH exec "$@"`
	cmd := exec.CommandContext(t.Context(), "/usr/bin/unshare", "-Urmpf", "--mount-proc", "--kill-child", "sh", "-c", script, "sh",
		shell, absolute(t, "testdata/shells/"+shell), absolute(t, "../../completions/"+file))
	cmd.Dir = place(t)
	cmd.Env = append(os.Environ(), "PATH="+cmd.Dir+"/bin:"+os.Getenv("PATH"), "HOME="+t.TempDir())
	cmd.Stdin = strings.NewReader(lines.String())
	cmd.WaitDelay = time.Second
	timer := time.AfterFunc(5*time.Minute, func() { cmd.Process.Kill() })
	defer timer.Stop()
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return parseOffers(string(output))
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// place is a directory with files to complete and with bin, where an nskit and links
// to it are: that is all that the completions want to know.
func place(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"zdir", "bin"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"zfile": 0o644, "bin/nskit": 0o755} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names(everything(), false) {
		if err := os.Symlink("nskit", filepath.Join(dir, "bin", name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// parseOffers reads "== line" and what follows: a candidate a line, with a
// description behind a tab or in parentheses. Of "--name=value", "a,b" and "/a/b" only
// what is last is kept: shells differ in what they replace.
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
