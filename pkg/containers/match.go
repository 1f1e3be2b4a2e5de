//go:build linux

package containers

import (
	"path"
	"strings"
)

// match is the deciding part of [Find]: which of all does query name?
func match(all []Container, query string) (Container, error) {
	matches := selected(all, query, calls)
	running := working(selected(matches, query, runs))
	if len(matches) == 0 {
		// Not only of those that run: which one is meant must not change while
		// one of them is restarted.
		matches = selected(all, query, begins)
		running = matches
		if len(matches) == 1 {
			running = selected(matches, query, runs)
		}
	}
	switch {
	case len(running) == 1:
		return running[0], nil
	case len(running) > 1:
		return Container{}, &LookupError{Query: query, Err: ErrAmbiguous, Candidates: running}
	case len(matches) > 0:
		return Container{}, &LookupError{Query: query, Err: ErrNotRunning, Candidates: matches}
	}
	return Container{}, &LookupError{Query: query, Err: ErrNotFound, Candidates: nearest(selected(all, query, runs), query)}
}

func selected(all []Container, query string, matches func(Container, string) bool) []Container {
	var some []Container
	for _, c := range all {
		if matches(c, query) {
			some = append(some, c)
		}
	}
	return some
}

// calls says whether query is the whole of a name that c goes by.
func calls(c Container, query string) bool {
	for _, name := range append(c.podNames(), c.Name, c.ID, path.Base(c.Name)) {
		if query != "" && strings.HasSuffix(query, name) && c.isPrefix(strings.TrimSuffix(query, name)) {
			return true
		}
	}
	return false
}

// podNames are the names that a container of Kubernetes goes by: NAMESPACE/POD/CONTAINER,
// without what stands in front, and without the container.
func (c Container) podNames() []string {
	parts := strings.Split(c.Pod, "/")
	switch len(parts) {
	case 3:
		return []string{c.Pod, parts[1] + "/" + parts[2], parts[2], parts[0] + "/" + parts[1], parts[1]}
	case 2:
		return []string{c.Pod, parts[1]}
	}
	return nil
}

// working leaves out the containers that only hold a pod's namespaces, unless there
// are no others: who names the pod means those that work in it.
func working(all []Container) []Container {
	some := selected(all, "", func(c Container, _ string) bool { return strings.Count(c.Pod, "/") != 1 })
	if len(some) == 0 {
		return all
	}
	return some
}

// isPrefix says whether a text is what may stand in front of c's name.
func (c Container) isPrefix(text string) bool {
	switch text {
	case "":
		return true
	case c.Runtime + "/":
		return c.Runtime != ""
	case c.Namespace + "/", c.Runtime + "/" + c.Namespace + "/":
		return c.Namespace != ""
	}
	return false
}

func begins(c Container, query string) bool {
	return query != "" && strings.HasPrefix(c.ID, query)
}

func runs(c Container, _ string) bool { return c.PID != 0 }
