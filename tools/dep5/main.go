// Command dep5 prints debian/copyright (DEP-5): HEADER as it is, then a paragraph for every
// module below VENDOR, as `go mod vendor` writes it, and for every part of a module that has
// a licence or a copyright of its own, then the texts of the licences.
//
//	dep5 HEADER VENDOR
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	classifier "github.com/google/licenseclassifier/v2"
	"github.com/google/licenseclassifier/v2/assets"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dep5:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: dep5 HEADER VENDOR")
	}
	header, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	parts, err := read(args[1])
	if err != nil {
		return err
	}
	known, err := assets.DefaultClassifier()
	if err != nil {
		return err
	}
	names, texts, err := name(known, parts)
	if err != nil {
		return err
	}
	write(out, string(header), parts, names, texts)
	return nil
}

// part is what has one licence: a module, a directory of one, or some of its files.
type part struct {
	patterns []string // below VENDOR
	licence  string   // the text of the licence
	holders  holders
}

// read finds the parts below vendor: the modules that modules.txt lists, in its order.
func read(vendor string) ([]*part, error) {
	modules, err := listed(filepath.Join(vendor, "modules.txt"))
	if err != nil {
		return nil, err
	}
	var parts []*part
	byDir, byFile := map[string]*part{}, map[string]*part{}
	err = filepath.WalkDir(vendor, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isLicence(entry.Name()) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		own := &part{licence: string(text), holders: holders{}}
		if files := named(string(text)); len(files) > 0 {
			for _, name := range append(files, entry.Name()) {
				byFile[filepath.Join(dir, name)] = own
				own.patterns = append(own.patterns, relative(vendor, filepath.Join(dir, name)))
			}
		} else if byDir[dir] != nil {
			return fmt.Errorf("%s: a second licence of its directory", path)
		} else {
			byDir[dir] = own
			own.patterns = []string{relative(vendor, dir) + "/*"}
		}
		parts = append(parts, own)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, module := range modules {
		dir := filepath.Join(vendor, filepath.FromSlash(module))
		if byDir[dir] == nil {
			if _, err := os.Stat(dir); err != nil {
				continue // nothing of it is vendored
			}
			return nil, fmt.Errorf("%s has no licence", module)
		}
	}
	if err := collect(vendor, byDir, byFile); err != nil {
		return nil, err
	}
	// The last paragraph that fits a file counts: directories before what is in them.
	slices.SortStableFunc(parts, func(a, b *part) int { return cmp.Compare(a.patterns[0], b.patterns[0]) })
	return parts, nil
}

// listed reads the paths of modules from modules.txt.
func listed(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var modules []string
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) >= 3 && words[0] == "#" {
			modules = append(modules, words[1])
		}
	}
	return modules, nil
}

func relative(vendor, path string) string {
	below, _ := filepath.Rel(vendor, path)
	return "vendor/" + filepath.ToSlash(below)
}

func isLicence(name string) bool {
	upper := strings.ToUpper(name)
	return strings.HasPrefix(upper, "LICENSE") || strings.HasPrefix(upper, "LICENCE") || strings.HasPrefix(upper, "COPYING")
}

var indented = regexp.MustCompile(`(?m)^    (\S+\.go)$`)

// named is the files that a licence says it is for, none if it is for all of its directory.
func named(licence string) []string {
	var files []string
	for _, match := range indented.FindAllStringSubmatch(licence, -1) {
		files = append(files, match[1])
	}
	return files
}

// collect gives every part the holders of copyright that its files name.
func collect(vendor string, byDir, byFile map[string]*part) error {
	return filepath.WalkDir(vendor, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Dir(path) == vendor {
			return err
		}
		own := byFile[path]
		for dir := filepath.Dir(path); own == nil; dir = filepath.Dir(dir) {
			if dir == vendor {
				return fmt.Errorf("%s has no licence", path)
			}
			own = byDir[dir]
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		own.holders.add(string(text))
		return nil
	})
}

// holders is first and last year of a copyright by its holder; empty years where none is given.
type holders map[string][2]string

// A notice, behind what begins a comment. The appendix of the Apache License has one to fill in.
var notice = regexp.MustCompile(`(?m)^[\s/*#;"-]{0,8}(?:[Pp]ortions )?(?i:copyright)\s+(?:\([cC]\)\s*|©\s*)?((?:[0-9]{4}[-, ]*)+)?(?i:by )?([A-Z][^\n]*)$`)

// What follows the holder.
var tail = regexp.MustCompile(`(?i)[., ]*(all rights reserved|licensed under).*`)

func (h holders) add(text string) {
	for _, match := range notice.FindAllStringSubmatch(text, -1) {
		who := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(match[2]), "*/"))
		who = tail.ReplaceAllString(who, "")
		who = strings.TrimRight(who, "., ")
		if strings.HasPrefix(who, "License") {
			continue
		}
		years := h[who]
		for _, year := range regexp.MustCompile(`[0-9]{4}`).FindAllString(match[1], -1) {
			if years[0] == "" || year < years[0] {
				years[0] = year
			}
			years[1] = max(years[1], year)
		}
		h[who] = years
	}
}

// lines is the value of a Copyright field.
func (h holders) lines(module string) []string {
	var lines []string
	for who, years := range h {
		switch {
		case years[0] == "":
			lines = append(lines, who)
		case years[0] == years[1]:
			lines = append(lines, years[0]+" "+who)
		default:
			lines = append(lines, years[0]+"-"+years[1]+" "+who)
		}
	}
	if len(lines) == 0 {
		return []string{"the authors of " + module}
	}
	slices.Sort(lines)
	return lines
}

// name finds each part's licence by its text. A text that differs from that of another of
// the name, other than by its notices of copyright, has the module's name behind it.
func name(known *classifier.Classifier, parts []*part) (names map[*part]string, texts map[string]string, err error) {
	names, texts = map[*part]string{}, map[string]string{}
	for _, part := range parts {
		id, err := identify(known, part.licence)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", part.patterns[0], err)
		}
		text := body(part.licence)
		if id == "Apache-2.0" {
			texts[id], names[part] = "", id
			continue
		}
		id = strings.Replace(id, "MIT", "Expat", 1) // Debian's name
		names[part] = id
		for other, known := range texts {
			if flat(known) == flat(text) && (other == id || strings.HasPrefix(other, id+"-")) {
				names[part] = other
			}
		}
		if other, taken := texts[names[part]]; taken && flat(other) != flat(text) {
			names[part] += "-" + path(part)
		}
		texts[names[part]] = text
	}
	return names, texts, nil
}

// path is a short name for a part, for the name of its licence.
func path(part *part) string {
	words := strings.Split(filepath.Dir(strings.TrimPrefix(part.patterns[0], "vendor/")), "/")
	return strings.Join(words[1:], "-")
}

func identify(known *classifier.Classifier, licence string) (string, error) {
	found := map[string]bool{}
	for _, match := range known.Match([]byte(licence)).Matches {
		if match.MatchType == "License" {
			found[match.Name] = true
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("licences found: %v", found)
	}
	for id := range found {
		return id, nil
	}
	panic("unreachable")
}

// A licence's name above its text says nothing that the License field does not.
var title = regexp.MustCompile(`^#?\s*(The )?MIT License( \(MIT\))?$`)

// body is a licence's text without its notices of copyright, which the Copyright field has.
func body(licence string) string {
	var lines []string
	for line := range strings.Lines(licence) {
		line = strings.TrimRight(line, " \t\r\n")
		if !notice.MatchString(line) && !title.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func write(out io.Writer, header string, parts []*part, names map[*part]string, texts map[string]string) {
	to := bufio.NewWriter(out)
	defer to.Flush()
	fmt.Fprintln(to, strings.TrimRight(header, "\n"))
	defined := regexp.MustCompile(`(?m)^License: (\S+)\n `).FindAllStringSubmatch(header, -1)
	for _, match := range defined {
		delete(texts, match[1])
	}
	for _, part := range parts {
		fmt.Fprintf(to, "\nFiles: %s\nCopyright: %s\nLicense: %s\n", strings.Join(part.patterns, "\n "),
			strings.Join(part.holders.lines(strings.TrimSuffix(strings.TrimPrefix(part.patterns[0], "vendor/"), "/*")), "\n "), names[part])
	}
	var ids []string
	for id := range texts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		fmt.Fprintf(to, "\nLicense: %s\n", id)
		for line := range strings.Lines(texts[id] + "\n") {
			if line == "\n" {
				line = ".\n"
			}
			fmt.Fprint(to, " ", line)
		}
	}
}
