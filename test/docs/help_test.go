package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	helpOption = regexp.MustCompile(`(?m)^ (?:-(\S), |    )--([a-z-]+)`)
	pageOption = regexp.MustCompile(`(?m)^\.It (?:Fl (\S)(?: .*?)? , )?Fl -([a-z-]+)`)
	pageHead   = regexp.MustCompile(`(?m)^\.(?:Ss|Sh) (.+)$`)
)

// TestHelp wants the help of every applet, and that of every command of one that
// has commands, to name the options that the manual page names, and no others.
func TestHelp(t *testing.T) {
	for _, path := range pages(t) {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), "nskit-")
		if name == "program" {
			continue
		}
		options, commands := described(string(page))
		command := []string{name}
		if name == "nskit" {
			command = nil
		}
		compareOptions(t, name, helpOf(t, command...), options)
		if (name == "vethctl") != (len(commands) > 0) {
			t.Errorf("%s: commands %q", path, commands)
		}
		for command, options := range commands {
			compareOptions(t, name+" "+command, helpOf(t, name, command), options)
		}
	}
}

// described reads the options of a page, those of the applet and those of each command.
func described(page string) (options []string, commands map[string][]string) {
	commands = map[string][]string{}
	heads := pageHead.FindAllStringSubmatchIndex(page, -1)
	chapter := ""
	for i, at := range heads {
		text, title := page[at[1]:], page[at[2]:at[3]]
		if i+1 < len(heads) {
			text = page[at[1]:heads[i+1][0]]
		}
		if strings.HasPrefix(page[at[0]:], ".Sh") {
			chapter = title
		}
		found := names(pageOption.FindAllStringSubmatch(text, -1))
		switch {
		case chapter == "OPTIONS":
			options = append(options, found...)
		case chapter == "COMMANDS" && chapter != title:
			commands[title] = found
		}
	}
	return options, commands
}

// names writes matched options as "-m --mount".
func names(matches [][]string) []string {
	var all []string
	for _, m := range matches {
		all = append(all, strings.TrimSpace(strings.TrimSuffix("-"+m[1], "-")+" --"+m[2]))
	}
	return all
}

// helpOf is what --help prints.
func helpOf(t *testing.T, command ...string) []string {
	t.Helper()
	output, err := exec.Command(os.Getenv("NSKIT"), append(command, "--help")...).Output()
	if err != nil {
		t.Fatalf("%q: %v", command, err)
	}
	return names(helpOption.FindAllStringSubmatch(string(output), -1))
}

func compareOptions(t *testing.T, name string, help, page []string) {
	t.Helper()
	if len(help) == 0 {
		t.Errorf("%s --help names no option", name)
	}
	for _, option := range help {
		if !slices.Contains(page, option) {
			t.Errorf("%s: the manual page lacks %s", name, option)
		}
	}
	for _, option := range page {
		if !slices.Contains(help, option) {
			t.Errorf("%s: --help lacks %s", name, option)
		}
	}
}
