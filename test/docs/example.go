// Package docs tests what is written: the manual pages are well formed, their
// examples do what they show, and the completions complete in the real shells.
package docs

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// examples finds the displays of a manual page that show a shell: their first
// line begins with a prompt.
func examples(page string) []string {
	var found []string
	for _, part := range strings.Split(page, "\n.Bd -literal -offset indent\n")[1:] {
		display, _, _ := strings.Cut(part, "\n.Ed\n")
		display = strings.NewReplacer(`\&`, "", `\e`, `\`, `\-`, "-").Replace(display)
		if strings.HasPrefix(display, "$ ") || strings.HasPrefix(display, "# ") {
			found = append(found, display)
		}
	}
	return found
}

// begin is the first line of every example: nskit is found, and what a session has in
// the background, or has named, does not stay.
const begin = "PATH=${NSKIT%/*}:$PATH; trap '{ kill ${!-}; umount /run/netns/* /run/netns; } 2>/dev/null; :' EXIT\n"

// held begins an example with a mount that another mount namespace has, too.
const held = `PATH=${NSKIT%/*}:$PATH; trap '{ kill $holder; umount /mnt; } 2>/dev/null; :' EXIT
mount -t tmpfs data /mnt
unshare --mount sleep 1000 & holder=$!
until grep -q sleep /proc/$holder/comm; do :; done
`

// container begins an example with a running container web, as crun has it, and a
// directory of the host's.
const container = `PATH=${NSKIT%/*}:$PATH; trap '{ kill $pid; umount /srv; rm -r /run/crun; } 2>/dev/null; wait' EXIT
mount -t tmpfs none /srv; mkdir /srv/data
unshare -muin --propagation private --root=box /bin/busybox sleep 1000 & pid=$!
until grep -q busybox /proc/$pid/comm; do :; done
mkdir -p /run/crun/web
echo "{\"pid\": $pid, \"process-start-time\": $(cut -d' ' -f22 /proc/$pid/stat)}" >/run/crun/web/status
`

func scriptName(page string, i int) string {
	return fmt.Sprintf("%s-%d.txtar", filepath.Base(page), i+1)
}

// script turns a session into a script. A line behind the prompt $ is the
// unprivileged user's, one behind # is root's, one behind > goes on with the line
// before; anything else is output, of failures too, in which "..." stands for any text.
func script(session string) string {
	var commands strings.Builder
	want := `\A`
	who, needs := "asuser ", "needs userns\n"
	for line := range strings.Lines(session + "\n") {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "# "):
			who, needs = "", "needs root\n"
			commands.WriteString(line[2:] + "\n")
		case strings.HasPrefix(line, "$ "), strings.HasPrefix(line, "> "):
			commands.WriteString(line[2:] + "\n")
		case line == "...":
			want += `(?s:.*)`
		default:
			want += strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, `.*`) + `\n`
		}
	}
	if strings.Contains(session, "rootfs") {
		needs += "needs tool busybox\nrootfs rootfs\nexec chmod -R a+rX rootfs\n"
	}
	for _, tool := range []string{"strace", "ps", "ip"} {
		if regexp.MustCompile(`(?m) ` + tool + `( |$)`).MatchString(session) {
			needs += "needs tool " + tool + "\n"
		}
	}
	prepare := begin
	switch {
	case strings.Contains(session, "ctr:web"):
		needs += "needs tool busybox\nrootfs box\n"
		prepare = container
	case strings.Contains(session, "--holding /mnt"):
		prepare = held
	}
	quoted := strings.ReplaceAll(want+`\z`, "'", "''")
	return needs + "exec " + who + "sh -u example.sh\nstdout '" + quoted + "'\n-- example.sh --\n" + prepare + "exec 2>&1\n" + commands.String() + "exit 0\n"
}
