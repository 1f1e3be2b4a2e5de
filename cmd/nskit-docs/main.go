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
	"sort"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/multicall"
	"github.com/nskit/nskit/cmd/internal/registry"
)

func main() {
	check := flag.Bool("check", false, "write nothing, fail if something would change")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: nskit-docs [-check]   (in the top directory of the source)")
	}
	flag.Parse()
	os.Exit(run(".", *check))
}

// run makes or checks all files below top and returns the exit code.
func run(top string, check bool) int {
	files, err := generate(top, everything())
	act := write
	if check {
		act = compare
	}
	if err == nil {
		err = act(top, files)
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
		files["man/"+pageName(a)] = page
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
