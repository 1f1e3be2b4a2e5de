package containers

import (
	"errors"
	"io/fs"
	"testing"
)

var population = []Container{
	{Name: "web", ID: hashA, Runtime: Docker, PID: 1},
	{Name: "db", ID: hashB, Runtime: Docker, PID: 2},
	{Name: "b", ID: "b", Runtime: LXC, PID: 3},
	{Name: "web-2", ID: "web-2", Runtime: Crun, PID: 4},
	{Name: "pod-1/app", ID: "c1", Runtime: Containerd, PID: 5},
	{Name: "pod-2/app", ID: "c2", Runtime: Containerd, PID: 6},
	{Name: "twin", ID: "d1", Runtime: Docker, PID: 7},
	{Name: "twin", ID: "e1", Runtime: Podman, PID: 8},
	{Name: "old", ID: "f1", Runtime: Docker},
	{Name: "again", ID: "g1", Runtime: Docker},
	{Name: "again", ID: "h1", Runtime: Podman, PID: 9},
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		query string
		pid   int
		want  error
	}{
		{"web", 1, nil}, // not web-2, which only begins so
		{"docker/web", 1, nil},
		{hashA, 1, nil},
		{hashA[:4], 1, nil},
		{"b", 3, nil}, // a whole name before the beginning of an ID
		{"b0", 2, nil},
		{"web-", 4, nil},
		{"pod-1/app", 5, nil},
		{"app", 0, ErrAmbiguous},
		{"c", 0, ErrAmbiguous},
		{"twin", 0, ErrAmbiguous},
		{"podman/twin", 8, nil},
		{"again", 9, nil}, // the one that runs
		{"old", 0, ErrNotRunning},
		{"f1", 0, ErrNotRunning},
		{"", 0, ErrNotFound},
		{"nothing", 0, ErrNotFound},
		{"/web", 0, ErrNotFound},
		{"lxc/web", 0, ErrNotFound},
	} {
		got, err := match(population, c.query)
		if got.PID != c.pid || !errors.Is(err, c.want) {
			t.Errorf("%q: %+v, %v; want process %d, %v", c.query, got, err, c.pid, c.want)
		}
	}
}

// cluster is Kubernetes with containerd, and with Docker below it.
var cluster = []Container{
	{Name: "web-0/app", Pod: "prod/web-0/app", ID: "a1", Runtime: Containerd, Namespace: "k8s.io", PID: 1},
	{Name: "web-0/proxy", Pod: "prod/web-0/proxy", ID: "a2", Runtime: Containerd, Namespace: "k8s.io", PID: 2},
	{Name: "a3", Pod: "prod/web-0", ID: "a3", Runtime: Containerd, Namespace: "k8s.io", PID: 3},
	{Name: "web-0/app", Pod: "test/web-0/app", ID: "b1", Runtime: Containerd, Namespace: "k8s.io", PID: 4},
	{Name: "b2", Pod: "test/web-0", ID: "b2", Runtime: Containerd, Namespace: "k8s.io", PID: 5},
	{Name: "k8s_db_db-0_prod_1f_0", Pod: "prod/db-0/db", ID: "c1", Runtime: Docker, PID: 6},
	{Name: "k8s_POD_db-0_prod_1f_0", Pod: "prod/db-0", ID: "c2", Runtime: Docker, PID: 7},
	{Name: "d1", Pod: "prod/alone", ID: "d1", Runtime: Containerd, PID: 8},
}

func TestMatchPods(t *testing.T) {
	for _, c := range []struct {
		query string
		pid   int
		want  error
	}{
		{"prod/web-0/app", 1, nil}, {"prod/web-0/proxy", 2, nil}, {"test/web-0/app", 4, nil}, {"proxy", 2, nil}, {"web-0/proxy", 2, nil},
		{"web-0/app", 0, ErrAmbiguous}, {"app", 0, ErrAmbiguous}, {"web-0", 0, ErrAmbiguous}, {"prod/web-0", 0, ErrAmbiguous},
		{"test/web-0", 4, nil}, // the one that works in it
		{"db-0", 6, nil}, {"prod/db-0/db", 6, nil}, {"k8s_db_db-0_prod_1f_0", 6, nil}, {"k8s_POD_db-0_prod_1f_0", 7, nil},
		{"containerd/prod/web-0/app", 1, nil}, {"b2", 5, nil}, {"prod/alone", 8, nil}, {"alone", 8, nil},
		{"dev/web-0/app", 0, ErrNotFound}, {"prod/", 0, ErrNotFound}, {"prod", 0, ErrNotFound},
	} {
		got, err := match(cluster, c.query)
		if got.PID != c.pid || !errors.Is(err, c.want) {
			t.Errorf("%q: %+v, %v; want process %d, %v", c.query, got, err, c.pid, c.want)
		}
	}
	_, err := match(cluster, "web-0/app")
	if want := "container 'web-0/app' is ambiguous; possibilities: prod/web-0/app (containerd a1), test/web-0/app (containerd b1)"; err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}

func TestLookupErrorTexts(t *testing.T) {
	unreadable := []error{&fs.PathError{Op: "open", Path: "/run/runc", Err: fs.ErrPermission}, &fs.PathError{Op: "open", Path: "/run/crun", Err: fs.ErrPermission}}
	for _, c := range []struct {
		err  *LookupError
		want string
	}{
		{&LookupError{Query: "app", Err: ErrAmbiguous, Candidates: population[4:6]}, "container 'app' is ambiguous; possibilities: pod-1/app (containerd c1), pod-2/app (containerd c2)"},
		{&LookupError{Query: "old", Err: ErrNotRunning, Candidates: population[8:9]}, "container 'old' is not running: old (docker f1)"},
		{&LookupError{Query: "x", Err: ErrNotFound}, "no container 'x'"},
		{&LookupError{Query: "x", Err: ErrNotFound, Candidates: population[:3]}, "no container 'x'; running: web (docker 3f2a12bc45de), db (docker b00000000000), b (lxc)"},
		{&LookupError{Query: "x", Err: ErrNotFound, Skipped: unreadable[:1]}, "no container 'x'; could not read /run/runc"},
		{&LookupError{Query: "x", Err: ErrNotFound, Skipped: unreadable}, "no container 'x'; could not read /run/runc, /run/crun"},
		{&LookupError{Query: "x", Err: ErrNotFound, Candidates: make([]Container, 30)}, "no container 'x'; running: , , , , , , , , , , ..."},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("Error() = %q\nwant      %q", got, c.want)
		}
	}
}
