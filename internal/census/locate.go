package census

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Place is what a path leads to.
type Place struct {
	// Path is the path without symbolic links and dots.
	Path string
	// Mount is the mount that it is on, nil for unknown; IsMount says that it is
	// where that is mounted.
	Mount   *Mounting
	IsMount bool
	// Namespace is that which the path stands for, 0 for none.
	Namespace Inode
	// Block is the number of a block device.
	Block Device
	// Regular says that it is a regular file, Missing that nothing is there.
	Regular, Missing bool
}

// Spot is the place by the file system that it is in.
func (p *Place) Spot() Spot {
	if p.Mount == nil {
		return Spot{}
	}
	return Spot{p.Mount.Device, join(p.Mount.Root, relative(p.Path, p.Mount.Point))}
}

// Locate follows a path by the caller's mount table. Only file systems that answer by
// themselves are asked: from the first mount on that is of another type (network file systems, FUSE,
// automounts) the rest of the path is taken as it is. The error is that of open(2).
func Locate(name string) (*Place, error) {
	if !strings.HasPrefix(name, "/") {
		buffer := make([]byte, unix.PathMax)
		n, err := unix.Getcwd(buffer)
		if err != nil {
			return nil, err
		}
		name = unix.ByteSliceToString(buffer[:n]) + "/" + name
	}
	text, ok := readTable(unix.AT_FDCWD, "/proc/self/mountinfo", nil)
	if !ok {
		return nil, unix.ENOENT
	}
	l := locator{table: parseTable(text), look: lookAt, tableOf: tableOf}
	return l.follow(name)
}

// locator follows one path.
type locator struct {
	table []Mounting
	// look tells what is at a path that has no links in it.
	look func(path string) (seen, error)
	// tableOf is the mount table of a process.
	tableOf func(pid string) []Mounting

	at    string // so far; "" for the root directory
	mount *Mounting
	// silent says that the path leads through a mount that might not answer; blind
	// that the rest is taken as it is for good.
	silent, blind bool
	place         Place
	links         int
}

// seen is what there is at a path.
type seen struct {
	mode uint16
	rdev Device
	link string // of a symbolic link
}

// maxLinks is how many links one path may have, path_resolution(7).
const maxLinks = 40

func (l *locator) follow(name string) (*Place, error) {
	l.root()
	for rest := name; rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		switch part {
		case "", ".":
			continue
		case "..":
			l.up()
			continue
		}
		link, err := l.step(part)
		if err != nil {
			return nil, err
		}
		if link != "" {
			if l.links++; l.links > maxLinks {
				return nil, unix.ELOOP
			}
			if link[0] == '/' {
				l.root()
			} else {
				l.up()
			}
			rest = link + "/" + rest
		}
	}
	return l.result(), nil
}

// root begins anew at the root directory.
func (l *locator) root() {
	l.at, l.mount, l.silent = "", nil, false
	l.cross()
}

// up goes to the directory above.
func (l *locator) up() {
	parent := l.at[:max(0, strings.LastIndexByte(l.at, '/'))]
	l.root()
	for part := range strings.SplitSeq(parent, "/") {
		if part != "" {
			l.at += "/" + part
			l.cross()
		}
	}
	l.place = Place{}
}

// cross goes to the uppermost of the mounts at this point, if there are any.
func (l *locator) cross() (crossed bool) {
	for i := 0; i < len(l.table); i++ {
		if l.isHere(&l.table[i]) {
			crossed, l.mount = true, &l.table[i]
			l.silent = l.silent || !answers(l.mount.Type)
			i = -1 // what is on that one may come before it
		}
	}
	return crossed
}

// isHere tells whether a mount is mounted here on the mount that the path is on.
func (l *locator) isHere(m *Mounting) bool {
	point := l.at
	if point == "" {
		point = "/"
	}
	if m.Point != point || m == l.mount {
		return false
	}
	if l.mount != nil {
		return m.Parent == l.mount.ID
	}
	for i := range l.table {
		if l.table[i].ID == m.Parent && m.Parent != m.ID {
			return false
		}
	}
	return true
}

// step takes the next part of a path; a link that it is comes back.
func (l *locator) step(part string) (link string, err error) {
	if l.place.Missing {
		l.at += "/" + part
		return "", nil
	}
	l.at, l.place = l.at+"/"+part, Place{}
	if l.cross() || l.silent || l.blind {
		return "", nil
	}
	found, err := l.look(l.at)
	switch {
	case err == unix.ENOENT:
		l.place.Missing = true
		return "", nil
	case err == unix.EACCES && !l.onProc(): // there the links say what is meant
		l.blind = true
		return "", nil
	case err != nil:
		return "", err
	}
	l.place.Regular = found.mode&unix.S_IFMT == unix.S_IFREG
	if found.mode&unix.S_IFMT == unix.S_IFBLK {
		l.place.Block = found.rdev
	}
	if found.link != "" && l.onProc() {
		return l.processLink(found.link)
	}
	return found.link, nil
}

func (l *locator) onProc() bool { return l.mount != nil && l.mount.Type == "proc" }

// processLink follows a link of /proc/PID. One to a namespace says which; the
// others lead to what the process sees, so its mount table says what the rest is.
func (l *locator) processLink(link string) (string, error) {
	if _, inode, ok := parseLink([]byte(link)); ok {
		l.place.Namespace = inode
		return "", nil
	}
	parts := strings.Split(strings.TrimPrefix(l.at, l.mount.Point), "/")
	if len(parts) < 3 || !isNumber(parts[1]) { // /proc/self and its like
		return link, nil
	}
	if link[0] != '/' { // socket:[1]
		return "", nil
	}
	if l.table = l.tableOf(parts[1]); l.table == nil {
		return "", unix.ENOENT
	}
	l.blind = true
	if parts[len(parts)-1] == "root" {
		link = "/"
	}
	return link, nil
}

func isNumber(text string) bool {
	_, ok := parseDigits([]byte(text))
	return ok
}

// answers tells file systems of whose types nobody has to be asked for what a name stands for.
func answers(fstype string) bool {
	switch fstype {
	case "autofs", "fuse", "fuseblk", "virtiofs", "ecryptfs":
		return false
	case "rootfs": // ramfs or tmpfs
		return true
	}
	return slices.Contains(local[:], fstype)
}

// result is where the path has led.
func (l *locator) result() *Place {
	p := l.place
	p.Path = l.at
	if p.Path == "" {
		p.Path = "/"
	}
	p.Mount = l.mount
	if p.IsMount = l.mount != nil && l.mount.Point == p.Path; p.IsMount && l.mount.Type == "nsfs" {
		_, p.Namespace, _ = parseLink([]byte(l.mount.Root))
	}
	return &p
}

// lookAt tells what is at a path on file systems that answer. Somebody may make a link
// of a directory on the way meanwhile: that is an error then, and not followed.
func lookAt(name string) (seen, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, name, &how)
	if refused(err) && err != unix.EACCES {
		fd, err = unix.Open(name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return seen{}, err
	}
	defer unix.Close(fd)
	var st unix.Statx_t
	if err := look(fd, "", unix.AT_EMPTY_PATH, &st); err != nil {
		return seen{}, err
	}
	found := seen{mode: st.Mode, rdev: Device{st.Rdev_major, st.Rdev_minor}}
	if st.Mode&unix.S_IFMT == unix.S_IFLNK {
		text := make([]byte, unix.PathMax)
		n, err := unix.Readlinkat(fd, "", text)
		if err != nil {
			return seen{}, err
		}
		found.link = string(text[:n])
	}
	return found, nil
}

// tableOf is the mount table of a process, nil where it cannot be read.
func tableOf(pid string) []Mounting {
	n, err := strconv.Atoi(pid)
	if err != nil {
		return nil
	}
	text, _ := readTable(unix.AT_FDCWD, "/proc/"+strconv.Itoa(n)+"/mountinfo", nil)
	return parseTable(text)
}
