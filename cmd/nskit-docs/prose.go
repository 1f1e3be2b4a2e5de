package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// section is one .Sh of the prose: its title, and the text before any mark.
type section struct {
	title, text string
}

// text is a prose file taken apart.
type text struct {
	path, date string
	sections   []section
	// about is what is said under a mark: "--mount", "add", "add --mtu".
	about map[string]string
	// shared is the same from an included file; not all of it need be used.
	shared map[string]string
	used   map[string]bool
}

// mark begins a line that tells what the following is about.
const mark = `.\" `

// prose reads what is written beside an applet.
func prose(top, name string) (*text, error) {
	path := "cmd/internal/" + name + "/manual.mdoc"
	if name == "nskit" {
		path = "cmd/nskit/manual.mdoc"
	}
	content, err := os.ReadFile(filepath.Join(top, path))
	if err != nil {
		return nil, err
	}
	t := parseProse(path, string(content))
	common, err := os.ReadFile(filepath.Join(top, "cmd/nskit-docs/common.mdoc"))
	if err != nil {
		return nil, err
	}
	t.share(string(common))
	for line := range strings.Lines(string(content)) {
		other, ok := strings.CutPrefix(strings.TrimSpace(line), mark+"include ")
		if !ok {
			continue
		}
		included, err := os.ReadFile(filepath.Join(top, "cmd/internal", other, "manual.mdoc"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		t.share(string(included))
	}
	return t, nil
}

// parseProse takes a file apart.
func parseProse(path, content string) *text {
	t := &text{path: path, about: map[string]string{}, shared: map[string]string{}, used: map[string]bool{}}
	subject := ""
	for line := range strings.Lines(content) {
		title, isSection := strings.CutPrefix(line, ".Sh ")
		about, isMark := strings.CutPrefix(line, mark)
		switch {
		case strings.HasPrefix(line, ".Dd "):
			t.date = line
		case isSection:
			t.sections = append(t.sections, section{title: strings.TrimSpace(title)})
			subject = ""
		case isMark && !strings.HasPrefix(about, "notes "):
			subject = strings.TrimSpace(about)
		case subject != "":
			t.about[subject] += line
		case len(t.sections) > 0:
			t.sections[len(t.sections)-1].text += line
		}
	}
	for subject := range t.about {
		if strings.HasPrefix(subject, "include ") {
			delete(t.about, subject)
		}
	}
	return t
}

// share adds what another file says.
func (t *text) share(content string) {
	for subject, said := range parseProse("", content).about {
		t.shared[subject] = said
	}
}

// on finds what is said about an option of a command, or about the command.
func (t *text) on(command, option string) (string, error) {
	subjects := []string{strings.TrimSpace(command + " " + option)}
	if option != "" {
		subjects = append(subjects, option)
	}
	for _, where := range []map[string]string{t.about, t.shared} {
		for _, subject := range subjects {
			if said, ok := where[subject]; ok {
				t.used[subject] = true
				return said, nil
			}
		}
	}
	return "", fmt.Errorf("%s says nothing about %s: add a line %q and a sentence", t.path, subjects[0], mark+subjects[0])
}

// unused fails for what is said about something that is not there.
func (t *text) unused() error {
	for subject := range t.about {
		if !t.used[subject] {
			return fmt.Errorf("%s: %q: there is no such option or command", t.path, mark+subject)
		}
	}
	return nil
}
