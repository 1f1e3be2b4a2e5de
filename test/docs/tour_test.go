package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/testkit"
)

// TestTour types what README.md's tour shows, and wants to see what stands
// there: the user's lines in one shell, those of root in namespaces in another.
// What the table says one should type is typed one after the other.
func TestTour(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	scripts := tours(string(readme))
	scripts["instead"] = instead(string(readme))
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name+".txtar"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testkit.Scripts(t, dir)
}

// needs begins every script.
const needs = "needs userns\nneeds tool busybox\nneeds tool ip\nrootfs rootfs\nexec chmod -R a+rX rootfs\n"

// The shell of root in namespaces.
const (
	rootOptions = "-Urnmpf --mount-proc"
	rootSetup   = "mount -t tmpfs none /run\n"
)

// tour is one shell: what is typed and the pattern of what it prints.
type tour struct{ typed, want strings.Builder }

// tours makes a script of each shell.
func tours(readme string) map[string]string {
	_, section, _ := strings.Cut(readme, "\n## A tour\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var user, root tour
	for _, block := range blocks(section) {
		if strings.HasPrefix(block, "# ") {
			root.add(block)
		} else {
			user.add(block)
		}
	}
	return map[string]string{
		"tour-user": "needs user\n" + needs + user.script("-Upf --map-current-user --mount-proc", ""),
		"tour-root": needs + root.script(rootOptions, rootSetup),
	}
}

// blocks finds the indented blocks of a text.
func blocks(text string) []string {
	var found []string
	inside := false
	for line := range strings.Lines(text) {
		code, indented := strings.CutPrefix(line, "    ")
		switch {
		case indented && inside:
			found[len(found)-1] += code
		case indented:
			found = append(found, code)
			inside = true
		case inside && line == "\n":
			found[len(found)-1] += line
		default:
			inside = false
		}
	}
	return found
}

// add reads a block. What stands behind the other prompt is typed into the
// program that the line before has started.
func (s *tour) add(block string) {
	prompt, inner := block[:2], false
	for line := range strings.Lines(strings.TrimRight(block, "\n") + "\n") {
		line = strings.TrimSuffix(line, "\n")
		command, isOwn := strings.CutPrefix(line, prompt)
		isInner := !isOwn && (strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "$ "))
		switch {
		case isInner && !inner:
			text := strings.TrimSuffix(s.typed.String(), "\n")
			s.typed.Reset()
			s.typed.WriteString(text + " <<'END'\n" + line[2:] + "\n")
			inner = true
		case isInner:
			s.typed.WriteString(line[2:] + "\n")
		case isOwn:
			s.typed.WriteString(command + "\n")
			if strings.Contains(command, "&") {
				s.typed.WriteString("runs sleep $!\n")
			}
		default:
			s.want.WriteString(pattern(line))
		}
	}
	if inner {
		s.typed.WriteString("END\n")
	}
}

var (
	numbers   = regexp.MustCompile(`\d+(\\\.\d+)*`)
	blanks    = regexp.MustCompile(` +`)
	rootMount = regexp.MustCompile(`^\S+ / .*`)
)

// pattern matches a line of output with other numbers, columns of another width
// and the root file system of another machine.
func pattern(line string) string {
	if rootMount.MatchString(line) {
		return `\S+ / .*\n`
	}
	quoted := numbers.ReplaceAllString(regexp.QuoteMeta(strings.TrimSpace(line)), `[\d.]+`)
	return ` *` + blanks.ReplaceAllString(quoted, " +") + ` *\n`
}

// script runs a tour in namespaces made with options.
func (s *tour) script(options, setup string) string {
	want := strings.ReplaceAll(`\A`+s.want.String()+`\z`, "'", "''")
	return "exec asuser unshare " + options + " sh shell\nstdout '" + want + "'\n! stderr .\n" +
		"-- shell --\nexec 2>&1\n" + setup + s.typed.String()
}

var code = regexp.MustCompile("`([^`]+)`")

// instead makes a script of the commands in the table's second column. What they
// run, cmd or sh, is of no matter.
func instead(readme string) string {
	_, section, _ := strings.Cut(readme, "\n## Instead of ")
	section, _, _ = strings.Cut(section, "\n## ")
	typed := ""
	for row := range strings.Lines(section) {
		cells := strings.Split(row, " | ")
		if len(cells) != 2 || strings.HasPrefix(cells[1], "the same") {
			continue
		}
		for _, command := range code.FindAllStringSubmatch(cells[1], -1) {
			typed += regexp.MustCompile(` (cmd|sh)$`).ReplaceAllString(command[1], " true") + "\n"
		}
	}
	return needs + "exec asuser unshare " + rootOptions + " sh -ex shell\nstderr 'vethctl list\\n'\n-- shell --\n" + rootSetup + typed
}
