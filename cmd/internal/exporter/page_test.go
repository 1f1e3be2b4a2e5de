package exporter

import (
	"log/slog"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/internal/fleet"
	"github.com/nskit/nskit/internal/veth"
	"github.com/nskit/nskit/pkg/ns"
)

// fakeNames call every process and container the same.
type fakeNames struct{ name string }

func (f fakeNames) command(int) string   { return f.name }
func (f fakeNames) container(int) string { return f.name }

// pageWith renders a page on which everything that others can name has one name.
func pageWith(t *testing.T, name string) string {
	t.Helper()
	net := census.Namespace{Kind: ns.Net, Inode: 7, Mounts: []string{"/run/netns/" + name}, Holders: []census.Holder{
		{How: census.ByDescriptor, PID: 5, FD: 3}, {How: census.ByMount, Path: "/" + name, Namespace: 9}}}
	here, there := &veth.Namespace{Inode: 1}, &veth.Namespace{Inode: 2}
	side := func(in *veth.Namespace, place *veth.Place, master int) veth.Side {
		s := veth.Side{Place: place}
		s.NS, s.Name, s.Kind, s.MasterIndex = in, name, "veth", master
		return s
	}
	far := side(there, &veth.Place{Name: name}, 0)
	gone := veth.Side{}
	gone.Name = name
	bridge := veth.Bridge{Link: veth.Link{NS: here, Name: name, Index: 4}}
	l := landingOf(found{outcomes: []fleet.Outcome{{Collector: "mounts", Err: errString(name)}}}, name, "/metrics")
	l.Leaks = leaksOf(&census.Snapshot{Namespaces: []census.Namespace{net}}, map[census.Inode]int64{7: 4000}, fakeNames{name})
	l.Drawing = draw(&veth.Survey{Bridges: []veth.Bridge{bridge}, Pairs: []veth.Pair{
		{A: far, B: new(side(here, &veth.Place{Own: true}, 4))},
		{A: side(there, &veth.Place{PID: 8}, 0), B: &gone},
		{A: side(there, &veth.Place{Path: "/" + name}, 0)},
	}}, fakeNames{name}.container)
	var text strings.Builder
	if err := parsePage().Execute(&text, l); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

type errString string

func (e errString) Error() string { return string(e) }

// TestHostileNames: whatever others call things, the page has the same elements.
func TestHostileNames(t *testing.T) {
	tags := func(text string) []string { return regexp.MustCompile(`<[^>]*>`).FindAllString(text, -1) }
	plain := tags(pageWith(t, "name"))
	if len(plain) < 60 {
		t.Fatalf("%q", plain)
	}
	for _, name := range []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</title><script>", "</svg><b>", "]]>", "--><i>", "{{.}}", "'\"`&lt;",
		"\x1b[2J\r\n\x00", "\u202egnp.exe", "\xff\xfe", "</style><script>", "javascript:alert(1)", strings.Repeat("ä", 5000),
	} {
		text := pageWith(t, name)
		if got := tags(text); !slices.Equal(got, plain) {
			t.Errorf("%q: %q", name, got)
		}
		if strings.ContainsAny(text, "\x1b\x00\r\u202e") || strings.Contains(text, "\xff") {
			t.Errorf("%q: a character that cannot be printed", name)
		}
	}
}

// TestContainersInThePicture: a namespace without a name is that of its process's container.
func TestContainersInThePicture(t *testing.T) {
	place := &veth.Place{PID: 8}
	names := &placeNames{func(pid int) string { return map[int]string{8: "web"}[pid] }, map[*veth.Place]string{}}
	for _, want := range []struct {
		place *veth.Place
		name  string
	}{{place, "ctr:web"}, {&veth.Place{PID: 9}, "pid:9"}, {&veth.Place{PID: 8, Name: "blue"}, "blue"}, {&veth.Place{PID: 8, Own: true}, "this host"}} {
		if got := names.of(&veth.Side{Place: want.place}); got != want.name {
			t.Errorf("%+v: %q, want %q", want.place, got, want.name)
		}
	}
	if place.Container != "" {
		t.Error("the survey has changed")
	}
}

// TestPageAnswer: the browser is told to run nothing, and to use the one style.
func TestPageAnswer(t *testing.T) {
	o, err := parse(nil, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	handler := newServer(o, newScanner(o.collectors(), testKeeper(), log), log).handler()
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	page := get("GET", "/")
	if policy := page.Header().Get("Content-Security-Policy"); page.Code != 200 || !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("%d %q", page.Code, policy)
	}
	if strings.Contains(page.Body.String(), " style=") || !strings.Contains(page.Body.String(), pageStyle) {
		t.Errorf("the style is not the one that is allowed:\n%s", page.Body)
	}
	if w := get("GET", "/metrics"); w.Code != 200 || !strings.Contains(w.Body.String(), "\nnskit_build_info{") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for path, want := range map[string]int{"/-/healthy": 200, "/nowhere": 404, "/metrics/": 404} {
		if w := get("GET", path); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := get("POST", "/metrics"); w.Code != 405 {
		t.Errorf("POST: %d", w.Code)
	}
}

// countingNames counts who is asked for.
type countingNames struct{ asked int }

func (c *countingNames) command(int) string   { c.asked++; return "c" }
func (c *countingNames) container(int) string { return "" }

// TestManyHolders: only those that are shown are looked at.
func TestManyHolders(t *testing.T) {
	space := &census.Namespace{Mounts: []string{"/a"}, Holders: make([]census.Holder, 1000)}
	for i := range space.Holders {
		space.Holders[i] = census.Holder{How: census.ByDescriptor, PID: 1, FD: i}
	}
	var called countingNames
	got := holdersOf(space, &called)
	if want := []string{"mount /a", "fd 1/0 c", "fd 1/1 c", "fd 1/2 c", "997 more"}; !slices.Equal(got, want) || called.asked != 3 {
		t.Errorf("%d were asked for: %q", called.asked, got)
	}
}
