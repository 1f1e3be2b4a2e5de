package multicall

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/prestart"
)

// link is one symbolic link that --install makes.
type link struct{ path, target string }

// install makes a link to this binary in dir for each name. Nothing is made
// unless all can be, and what was made before a failure is removed.
func install(dir string, names []string, force bool) error {
	self, err := ownPath()
	if err != nil {
		return &applet.Error{Text: "cannot find my own path", Err: err}
	}
	if err := refuseDeleted(self); err != nil {
		return err
	}
	links, err := linksIn(dir, names, self)
	if err != nil {
		return &applet.Error{Text: "cannot make links in " + dir, Err: err}
	}
	if !force {
		for _, l := range links {
			if err := refuseForeign(l, self); err != nil {
				return err
			}
		}
	}
	return makeAll(links)
}

// installTo makes links that hold target, whatever is there: the binary of an image that is for
// another machine, or not there yet. A link that holds it already is ours.
func installTo(target, dir string, names []string, force bool) error {
	links := make([]link, len(names))
	for i, name := range names {
		links[i] = link{filepath.Join(dir, name), target}
	}
	if !force {
		for _, l := range links {
			if now, err := os.Readlink(l.path); err == nil && now == target {
				continue
			}
			if _, err := os.Lstat(l.path); !errors.Is(err, fs.ErrNotExist) {
				return applet.Failf("%s exists and is not a link to %s (--force replaces it)", l.path, target)
			}
		}
	}
	return makeAll(links)
}

// makeAll makes all links, or none.
func makeAll(links []link) error {
	for i, l := range links {
		if err := replace(l); err != nil {
			for _, made := range links[:i] {
				os.Remove(made.path)
			}
			return &applet.Error{Text: "cannot make " + l.path, Err: err}
		}
	}
	return nil
}

// ownPath is where this binary is. Without /proc the path will do that it was executed by.
func ownPath() (string, error) {
	self, err := os.Executable()
	if err == nil {
		return self, nil
	}
	if executed := prestart.Executed(); executed != "" {
		return realPath(executed)
	}
	return "", err
}

// refuseDeleted fails when the file at a path is not the one that runs: links
// would lead nowhere, or to another program.
func refuseDeleted(self string) error {
	there, err := os.Stat(self)
	if err != nil {
		return &applet.Error{Text: "cannot link to " + self + ", the file that runs", Err: err}
	}
	if runs, err := os.Stat("/proc/self/exe"); err == nil && !os.SameFile(there, runs) {
		return applet.Failf("cannot link to %s: it is not the file that runs, which was deleted or cannot be reached", self)
	}
	return nil
}

// linksIn decides which links there will be: relative ones, so that a tree with
// links and binary in it can be moved, or become the root of something.
func linksIn(dir string, names []string, self string) ([]link, error) {
	real, err := realPath(dir)
	if err != nil {
		return nil, err
	}
	target, err := filepath.Rel(real, self)
	if err != nil {
		return nil, err
	}
	links := make([]link, len(names))
	for i, name := range names {
		links[i] = link{filepath.Join(dir, name), target}
	}
	return links, nil
}

// realPath is the absolute path without symbolic links, since ".." in a link
// leads up from where the link really is.
func realPath(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// refuseForeign fails when something stands at the link's place that is not a
// link to this binary.
func refuseForeign(l link, self string) error {
	if _, err := os.Lstat(l.path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	mine, err1 := os.Stat(self)
	there, err2 := os.Stat(l.path)
	if err1 == nil && err2 == nil && os.SameFile(mine, there) {
		return nil
	}
	return applet.Failf("%s exists and is not nskit's (--force replaces it)", l.path)
}

// replace puts the link in place of whatever file is there, without a moment
// in which the name does not exist.
func replace(l link) error {
	if now, err := os.Readlink(l.path); err == nil && now == l.target {
		return nil
	}
	temp := l.path + ".nskit-new"
	os.Remove(temp)
	if err := os.Symlink(l.target, temp); err != nil {
		return err
	}
	if err := os.Rename(temp, l.path); err != nil {
		os.Remove(temp)
		return err
	}
	return nil
}
