package pivot

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/launchopt"
	"github.com/nskit/nskit/internal/trampoline"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/mnt"
)

// FuzzOptions wants every command line, by each of the applet's names, to be
// refused or to become a Program that can be carried out and printed. No mount
// is made on the new root itself.
func FuzzOptions(f *testing.F) {
	for _, seed := range []string{
		"-Urpf\n--proc\n--dev\nrootfs\nsh", "--bind=/a\\:b:/c:ro,rec\n--tmpfs=/t:size=1m\n--file=x:/y\n--read-only\nr", "--put-old=/old\nr",
		"--overlay=upper=u,work=w\n--layer=l\nr", "--rootfs-from=a.tar\nsh", "--switch\nr\n/init", "--bare\nr\nr/old", "new\nnew/old", "--sys\n--mount-proc=/p\n/\n",
	} {
		for name := range uint8(3) {
			f.Add(seed, name)
		}
	}
	f.Fuzz(func(t *testing.T, line string, called uint8) {
		words, name := strings.Split(line, "\n"), [...]string{ownName, bareName, switchName}[called%3]
		if strings.Contains(line, "\x00") {
			return
		}
		system := launchopt.System{IDs: func() (uid, gid uint32) { return 1000, 1000 }, LoginShell: func() string { return "/bin/sh" }, LastCap: func() int { return 40 }}
		o := launchopt.Options{System: &system, Own: new(own)}
		if asksSystem(words) || parse(&o, &applet.Invocation{Name: name, Argv: append([]string{name}, words...), Args: words}) != nil || locate(of(&o), name) != nil {
			return
		}
		for _, m := range of(&o).spec.Mounts {
			if m.Kind != mnt.ReadOnly && mnt.IsRoot(m.Target) {
				t.Errorf("%q mounts on the new root", words)
			}
		}
		p := programOf(new(launch.Workspace), &o, nil)
		if err := p.Validate(); err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		new(trampoline.Workspace).Prepare(p)
		if err := p.Print(io.Discard); err != nil {
			t.Error(err)
		}
	})
}

// asksSystem tells options that look at the users of the system, which are
// fuzzed where they come from.
func asksSystem(words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, "--ma") })
}
