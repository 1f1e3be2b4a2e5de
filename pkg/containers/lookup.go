package containers

import (
	"errors"
	"io/fs"
	"strings"
)

// What is wrong with a query, in [LookupError.Err].
var (
	ErrNotFound   = errors.New("no such container")
	ErrAmbiguous  = errors.New("ambiguous")
	ErrNotRunning = errors.New("not running")
)

// maxListed bounds how many candidates an error's text names.
const maxListed = 10

// LookupError says why a query has no answer, in one line.
type LookupError struct {
	Query string
	// Err is ErrNotFound, ErrAmbiguous or ErrNotRunning.
	Err error
	// Candidates are the containers that match an ambiguous query, the one
	// that is not running, or all that run where none was found.
	Candidates []Container
	// Skipped are the files and directories that could not be read.
	Skipped []error
}

func (e *LookupError) Error() string {
	switch e.Err {
	case ErrAmbiguous:
		return "container '" + e.Query + "' is ambiguous; possibilities: " + names(e.Candidates)
	case ErrNotRunning:
		return "container '" + e.Query + "' is not running: " + names(e.Candidates)
	}
	text := "no container '" + e.Query + "'"
	if len(e.Candidates) > 0 {
		text += "; running: " + names(e.Candidates)
	}
	return text + unread(e.Skipped)
}

func (e *LookupError) Unwrap() error { return e.Err }

// unread says that the answer may be in what could not be read.
func unread(skipped []error) string {
	var paths []string
	for _, err := range skipped {
		var at *fs.PathError
		switch {
		case !errors.As(err, &at):
		case len(paths) == maxListed:
			return "; could not read " + strings.Join(paths, ", ") + ", ..."
		default:
			paths = append(paths, at.Path)
		}
	}
	if len(paths) == 0 {
		return ""
	}
	return "; could not read " + strings.Join(paths, ", ")
}

// names lists containers, each as it is shown.
func names(all []Container) string {
	count := map[string]int{}
	for _, c := range all {
		count[c.Name]++
	}
	var texts []string
	for i, c := range all {
		if i == maxListed {
			texts = append(texts, "...")
			break
		}
		texts = append(texts, c.as(c.shown(count[c.Name] > 1)))
	}
	return strings.Join(texts, ", ")
}
