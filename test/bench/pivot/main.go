// Command pivot measures the applet pivot against bubblewrap, with unshare(1)
// of util-linux beside them, which makes the same namespaces without a root.
package main

import (
	"os"
	"os/exec"
	"path/filepath"

	"github.com/nskit/nskit/internal/bench"
)

func main() {
	dir, err := os.MkdirTemp("", "nskit-bench")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	rootfs := filepath.Join(dir, "rootfs")
	if out, err := exec.Command("scripts/make-rootfs", rootfs).CombinedOutput(); err != nil {
		os.Stderr.Write(out)
		return
	}
	bench.Main(func(nskit string) []bench.Case { return cases(nskit, rootfs) })
}

func cases(nskit, rootfs string) []bench.Case {
	pivot := func(words ...string) bench.Candidate {
		return bench.Candidate{Name: "nskit", Path: nskit, Argv: append([]string{"pivot", "-Urpf"}, words...)}
	}
	bwrap := func(words ...string) bench.Candidate {
		argv := append([]string{"bwrap", "--unshare-user", "--uid", "0", "--gid", "0", "--unshare-pid", "--bind", rootfs, "/"}, words...)
		return bench.Candidate{Name: "bwrap", Path: bench.Host("bwrap"), Argv: append(argv, "/bin/true")}
	}
	unshare := bench.Candidate{Name: "util-linux unshare", Path: bench.Host("unshare"),
		Argv: []string{"unshare", "-Urpmf", "--mount-proc", bench.Host("true")}}
	return []bench.Case{
		{Name: "pivot -Urpf --proc --dev true", Candidates: []bench.Candidate{bwrap("--proc", "/proc", "--dev", "/dev"), pivot("--proc", "--dev", rootfs, "/bin/true"), unshare}},
		{Name: "pivot -Urpf true", Candidates: []bench.Candidate{bwrap(), pivot(rootfs, "/bin/true")}},
	}
}
