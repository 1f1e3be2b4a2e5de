// Package bench compares commands: nskit's applets with the host's tools.
//
// Absolute times of a shared machine say little; ratios of runs that take turns
// do. So every round runs each candidate of a case once, each round begins with
// another one, and what is printed is the median and its ratio to the peer's.
//
// A benchmark is a program below test/bench, which `make bench` runs:
//
//	func main() { bench.Main(cases) }
//
//	func cases(nskit string) []bench.Case {
//		return []bench.Case{{
//			Name:       "unshare -u true",
//			Candidates: bench.Trio(nskit, "unshare", "-u", "true"),
//		}}
//	}
//
// By hand: `go run ./test/bench/unshare -h`.
package bench
