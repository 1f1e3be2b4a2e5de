package vethctl

import (
	"bufio"
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/table"
	"github.com/nskit/nskit/internal/veth"
	"golang.org/x/sys/unix"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		line  string
		words []string
		err   error
	}{
		{line: ""},
		{line: " \t\r"},
		{line: "# all of it"},
		{line: "add a b # the rest", words: []string{"add", "a", "b"}},
		{line: "add a#b c", words: []string{"add", "a#b", "c"}},
		{line: `a 'b c' "d e"f \  g\"h`, words: []string{"a", "b c", "d ef", " ", `g"h`}},
		{line: `'' "\"'\\" '\'`, words: []string{"", `"'\`, `\`}},
		{line: "a\r", words: []string{"a"}},
		{line: "'a", err: errQuote},
		{line: `a "b`, err: errQuote},
		{line: `a\`, err: errQuote},
	} {
		words, err := split(tt.line)
		if !reflect.DeepEqual(words, tt.words) || !errors.Is(err, tt.err) {
			t.Errorf("%q: %q, %v", tt.line, words, err)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for kind, want := range map[veth.Kind]int{
		veth.Failed: 1, veth.Invalid: 2, veth.NotFound: 3, veth.Exists: 4, veth.Denied: 5, veth.TimedOut: 6, veth.Stuck: 7,
	} {
		var fail *applet.Error
		if !errors.As(fault(&veth.Error{Kind: kind}), &fail) || fail.Code != want || (fail.Hint != "") != (kind == veth.Denied) {
			t.Errorf("kind %d: %+v", kind, fail)
		}
	}
}

// parsed reads a command line without carrying it out.
func parsed(line string, inBatch bool) (*call, error) {
	inv := &applet.Invocation{Applet: &Applet, Name: "vethctl", Stdout: bufio.NewWriter(&bytes.Buffer{})}
	_, c, err := parse(inv, strings.Fields(line), inBatch)
	return c, err
}

func TestParseRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"":                        "a command is missing",
		"bogus":                   "unknown command 'bogus'",
		"add a":                   "add: an operand is missing: <endpoint> <endpoint>",
		"add a b c":               "add: unexpected operand 'c'",
		"list a":                  "list: unexpected operand 'a'",
		"set a":                   "set: an operand is missing",
		"add a b --mtu=1":         "--mtu: 'mtu=1': must be a number",
		"add a b --bridge=x/y":    "a link's name has no slash",
		"add a b --dry-run=x":     "--dry-run: unknown form: 'x' (steps, ip)",
		"list --graph=x":          "--graph: unknown form: 'x' (text, dot)",
		"list --ns=a/b":           "invalid namespace name: 'a/b'",
		"wait a --timeout=0":      "--timeout: invalid time: '0'",
		"wait a --timeout=-1s":    "--timeout: invalid time: '-1s'",
		"wait a --timeout=x":      "--timeout: invalid time: 'x'",
		"wait a --operstate=warm": "--operstate: no such state 'warm'",
		"show a --bogus":          "show: unknown flag: --bogus",
	} {
		_, err := parsed(line, false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
	if _, err := parsed("add a b --allow-own", true); err == nil {
		t.Error("a batch's line takes an option that is the whole batch's")
	}
}

func TestParseAdd(t *testing.T) {
	c, err := parsed("add blue:a b,mtu=1300 --mtu 1400 --bridge br0,addr=10.0.0.1/24 --loopback --replace --wait-free 1.5", false)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := c.addSpec()
	if err != nil {
		t.Fatal(err)
	}
	if spec.MTU != 1400 || spec.B.MTU != 1300 || spec.Bridge.String() != "blue:br0" || !spec.Loopback ||
		c.chosen.mode != veth.Replace || c.chosen.patience.Milliseconds() != 1500 {
		t.Errorf("%+v\n%+v", spec, c.chosen)
	}
	if c, _ = parsed("add a b --bridge blue:br0", false); c != nil {
		if _, err = c.addSpec(); err == nil {
			t.Error("a bridge in another namespace than the first end's is accepted")
		}
	}
}

// found is a pair as it might be found, and one whose peer is far away.
func found() []veth.Pair {
	own := &veth.Place{Inode: 1, PID: 1, Own: true}
	blue := &veth.Place{Inode: 2, Path: "/run/netns/blue", Name: "blue"}
	ns := &veth.Namespace{}
	side := func(name string, place *veth.Place) veth.Side {
		return veth.Side{Place: place, NSID: 0, State: veth.State{
			Link: veth.Link{NS: ns, Name: name, Index: 5, Flags: unix.IFF_UP | unix.IFF_LOWER_UP, OperState: 6, MTU: 1500, MAC: []byte{2, 0, 0, 0, 0, 1},
				TxQLen: 1000, Stats: &veth.Stats{RxBytes: 7}},
			Addrs: []veth.Addr{{Prefix: netip.MustParsePrefix("10.0.0.1/24")}},
		}}
	}
	a, b, c := side("a", own), side("b", blue), side("c", blue)
	b.Master = &veth.Handle{Name: `br"0`}
	b.Routes = []veth.Route{{Dst: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("10.0.0.1"), Metric: 4}}
	far := veth.Side{NSID: 3, State: veth.State{Link: veth.Link{Index: 9}}}
	return []veth.Pair{{A: a, B: &b}, {A: c, B: &far}, {A: side("d", own)}}
}

func TestTable(t *testing.T) {
	v, err := chooseColumns("+peeraddrs,txbytes,Group", "NS,NAME,PEERNS,PEERNAME,PEERSTATE")
	if err != nil {
		t.Fatal(err)
	}
	if want := (veth.Wants{Addrs: true, Stats: true}); v.wants() != want {
		t.Errorf("wants %+v", v.wants())
	}
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	v.table("pairs", found(), false).Write(w, table.Layout{Format: table.Raw})
	w.Flush()
	const want = "NS NAME PEERNS PEERNAME PEERSTATE PEERADDRS TXBYTES GROUP\n" +
		". a blue b UP 10.0.0.1/24 0 0\n" +
		"blue c nsid:3    0 0\n" +
		". d     0 0\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	if _, err := chooseColumns("NAME,BOGUS", ""); err == nil {
		t.Error("column BOGUS is accepted")
	}
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	writePairs(w, found()[:2])
	w.Flush()
	const want = `[{"a":{"name":"a","ifindex":5,"netns":{"inode":1,"pid":1,"own":true},"up":true,"carrier":true,"operstate":"UP","mtu":1500,` +
		`"mac":"02:00:00:00:00:01","txqlen":1000,"addrs":["10.0.0.1/24"],"routes":[],"group":0,` +
		`"stats":{"rx":{"bytes":7,"packets":0,"errors":0,"dropped":0},"tx":{"bytes":0,"packets":0,"errors":0,"dropped":0}}},` +
		`"b":{"name":"b","ifindex":5,"netns":{"inode":2,"path":"/run/netns/blue","name":"blue","own":false},"up":true,"carrier":true,"operstate":"UP","mtu":1500,` +
		`"mac":"02:00:00:00:00:01","txqlen":1000,"addrs":["10.0.0.1/24"],"routes":[{"dst":"0.0.0.0/0","gateway":"10.0.0.1","metric":4}],"master":"br\"0","group":0,` +
		`"stats":{"rx":{"bytes":7,"packets":0,"errors":0,"dropped":0},"tx":{"bytes":0,"packets":0,"errors":0,"dropped":0}}}},` +
		`{"a":{"name":"c","ifindex":5,"netns":{"inode":2,"path":"/run/netns/blue","name":"blue","own":false},"up":true,"carrier":true,"operstate":"UP","mtu":1500,` +
		`"mac":"02:00:00:00:00:01","txqlen":1000,"addrs":["10.0.0.1/24"],"routes":[],"group":0,` +
		`"stats":{"rx":{"bytes":7,"packets":0,"errors":0,"dropped":0},"tx":{"bytes":0,"packets":0,"errors":0,"dropped":0}}},` +
		`"b":{"ifindex":9,"netns":{"nsid":3}}}]`
	if diff := cmp.Diff(want, compact(out.String())); diff != "" {
		t.Error(diff)
	}
}

// compact drops the white space, of which the strings above have none.
func compact(text string) string {
	return strings.NewReplacer("\n", "", " ", "").Replace(text)
}

func TestDot(t *testing.T) {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	writeDot(w, found()[:2])
	w.Flush()
	const want = `graph pairs {
  node [shape=box];
  subgraph cluster_0 {
    label=".";
    "a" [label="a\n10.0.0.1/24"];
  }
  subgraph cluster_1 {
    label="blue";
    "blue:b" [label="b\n10.0.0.1/24"];
    "blue:br\"0 (bridge)" [label="br\"0", shape=ellipse];
    "blue:br\"0 (bridge)" -- "blue:b" [style=dashed];
    "blue:c" [label="c\n10.0.0.1/24"];
  }
  subgraph cluster_2 {
    label="nsid:3";
    "nsid:3:#9" [label=""];
  }
  "a" -- "blue:b";
  "blue:c" -- "nsid:3:#9";
}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
