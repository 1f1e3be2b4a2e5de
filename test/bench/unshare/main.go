// Command unshare measures the applet unshare against util-linux and busybox:
// in place, with a child, with a user namespace, and with a host full of mounts.
package main

import "github.com/nskit/nskit/internal/bench"

func main() { bench.Main(cases) }

func cases(nskit string) []bench.Case {
	unshare := func(args ...string) []bench.Candidate { return bench.Trio(nskit, "unshare", args...) }
	crowded := bench.WithMounts(2000)
	// By its path: busybox runs a bare `true` as an applet of its own.
	truth := bench.Host("true")
	return []bench.Case{
		{Name: "unshare --version", Candidates: versions(nskit, "--version")},
		{Name: "unshare --help", Candidates: versions(nskit, "--help")},
		{Name: "unshare -u true", Candidates: unshare("-u", truth)},
		{Name: "unshare -Ur true", Candidates: unshare("-Ur", truth)},
		{Name: "unshare -Urpmf --mount-proc true", Candidates: unshare("-Urpmf", "--mount-proc", truth)},
		{Name: "unshare -u true, 2000 mounts more", Candidates: unshare("-u", truth), Inside: crowded},
		{Name: "unshare -f sleep: waiting parent", Candidates: unshare("-f", bench.Host("sleep"), "1000"),
			Measure: bench.WaitingRSS, Unit: "KiB", Rounds: 5},
	}
}

// versions compares bare starts, with the smallest program there is beside them.
func versions(nskit, option string) []bench.Candidate {
	argv := []string{"unshare", option}
	return []bench.Candidate{
		{Name: "util-linux", Path: bench.Host("unshare"), Argv: argv},
		{Name: "nskit", Path: nskit, Argv: argv},
		{Name: "true", Path: bench.Host("true"), Argv: []string{"true"}},
	}
}
