// Command nskit-docs writes the manual pages (man/), the shell completions
// (completions/) and the texts of --help (cmd/internal/APPLET/help_text.go) of
// nskit: from the option tables that the applets' own parsers use, and from the
// prose beside each applet, cmd/internal/APPLET/manual.mdoc.
// It runs when nskit is developed and is no part of it.
//
// Prose is mdoc(7) that begins with .Dd and goes on with the sections behind
// SYNOPSIS. In a section OPTIONS or COMMANDS a line such as
//
//	.\" --mount
//
// begins what is said about an option (or a command: "add"; or an option of
// one command only: "add --mtu"); the lists themselves are made from the tables, and an
// option about which nothing is said is an error. The line
//
//	.\" include launchopt
//
// takes over what cmd/internal/launchopt/manual.mdoc says about options, and
//
//	.\" notes list
//
// stands for what --help says below the options of a command ("help": of the
// applet itself).
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/multicall"
	"github.com/nskit/nskit/cmd/internal/registry"
)

func main() {
	check := flag.Bool("check", false, "write nothing, fail if something would change")
	out := flag.String("o", "", "write man/ and completions/ below this directory, and nothing else")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: nskit-docs [-check | -o dir]   (in the top directory of the source)")
	}
	flag.Parse()
	act := func(files map[string]string) error { return write(".", files) }
	switch {
	case *check:
		act = func(files map[string]string) error { return compare(".", files) }
	case *out != "":
		act = func(files map[string]string) error { return write(*out, shared(files)) }
	}
	os.Exit(run(".", act))
}

// shared are the files that are installed.
func shared(files map[string]string) map[string]string {
	kept := map[string]string{}
	for path, text := range files {
		if strings.HasPrefix(path, "man/") || strings.HasPrefix(path, "completions/") {
			kept[path] = text
		}
	}
	return kept
}

// run makes all files of the source in top, has act done with them, and returns
// the exit code.
func run(top string, act func(map[string]string) error) int {
	files, err := generate(top, everything())
	if err == nil {
		err = act(files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "nskit-docs:", err)
		return 1
	}
	return 0
}

// everything are the applets, nskit itself first.
func everything() []*applet.Applet {
	return append([]*applet.Applet{&multicall.Self}, registry.Applets...)
}

// generate makes the text of every file, by its path.
func generate(top string, applets []*applet.Applet) (map[string]string, error) {
	files := completions(applets)
	for _, a := range applets {
		text, err := prose(top, a.Name)
		if err != nil {
			return nil, err
		}
		page, err := manual(a, text)
		if err != nil {
			return nil, err
		}
		files["man/"+pageName(a)] = withoutAbsent(page, applets)
		if files[helpFile(a)], err = helpSource(a); err != nil {
			return nil, err
		}
	}
	about, err := os.ReadFile(filepath.Join(top, "cmd/nskit-docs/nskit-program.7"))
	if err != nil {
		return nil, err
	}
	files["man/nskit-program.7"] = warning(`.\" `) + string(about)
	return files, nil
}

// reference is a line of SEE ALSO that leads to a page of nskit's.
var reference = regexp.MustCompile(`^\.Xr nskit-(\S+) \d( ,)?\n$`)

// withoutAbsent takes references to applets that are not there out of SEE ALSO.
func withoutAbsent(page string, applets []*applet.Applet) string {
	head, also, found := strings.Cut(page, ".Sh SEE ALSO\n")
	if !found {
		return page
	}
	var kept []string
	for line := range strings.Lines(also) {
		m := reference.FindStringSubmatch(line)
		there := m == nil || m[1] == "program" || slices.ContainsFunc(applets, func(a *applet.Applet) bool { return a.Name == m[1] })
		switch last := len(kept) - 1; {
		case there:
			kept = append(kept, line)
		case m[2] == "" && last >= 0: // it was the end of the list
			kept[last] = strings.TrimSuffix(kept[last], " ,\n") + "\n"
		}
	}
	return head + ".Sh SEE ALSO\n" + strings.Join(kept, "")
}

// warning is the first line of every generated file.
func warning(comment string) string {
	return comment + "Made by nskit-docs (make docs); do not edit.\n"
}

// pageName is the file of an applet's manual page: nskit-unshare.1.
func pageName(a *applet.Applet) string { return fmt.Sprintf("%s.%d", a.Page(), a.Section) }

// write puts the files in place, leaving alone what is right already.
func write(top string, files map[string]string) error {
	for path, text := range files {
		name := filepath.Join(top, path)
		if now, err := os.ReadFile(name); err == nil && string(now) == text {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compare fails for a file that is not as it should be.
func compare(top string, files map[string]string) error {
	var drifted []string
	for path, text := range files {
		if now, err := os.ReadFile(filepath.Join(top, path)); err != nil || string(now) != text {
			drifted = append(drifted, path)
		}
	}
	for _, dir := range []string{"man", "completions"} {
		entries, _ := os.ReadDir(filepath.Join(top, dir)) // a missing one is found above
		for _, entry := range entries {
			if path := dir + "/" + entry.Name(); files[path] == "" {
				drifted = append(drifted, path+" (nothing makes it)")
			}
		}
	}
	if len(drifted) == 0 {
		return nil
	}
	sort.Strings(drifted)
	return fmt.Errorf("not as the option tables and the prose have it: %v; run make docs", drifted)
}
