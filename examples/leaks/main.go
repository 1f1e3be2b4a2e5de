// Command leaks serves to Prometheus how many namespaces nobody is in, by their kind and by
// what keeps them alive. It replaces a textfile collector around lsns(8), which does not
// see them. nskit-exporter has ages and owners, too.
package main

import (
	"flag"
	"fmt"
	"log"
	"maps"
	"net/http"
	"slices"

	"github.com/nskit/nskit/pkg/census"
)

func main() {
	address := flag.String("listen", "localhost:9999", "the address to serve /metrics on")
	flag.Parse()
	http.HandleFunc("GET /metrics", serve)
	log.Fatal(http.ListenAndServe(*address, nil))
}

// serve takes a census for each scrape.
func serve(w http.ResponseWriter, r *http.Request) {
	snapshot, err := census.Take(r.Context(), census.Options{
		Want: census.Threads | census.Descriptors | census.Sockets | census.Mounts | census.AllMounts | census.ForChildren,
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	leaks := map[string]int{}
	for i := range snapshot.Namespaces {
		if space := &snapshot.Namespaces[i]; space.Processes == 0 {
			leaks[fmt.Sprintf("kind=%q,held_by=%q", space.Kind, heldBy(space))]++
		}
	}
	fmt.Fprintln(w, "# TYPE namespaces gauge\nnamespaces", len(snapshot.Namespaces))
	fmt.Fprintln(w, "# TYPE namespaces_without_process gauge")
	for _, labels := range slices.Sorted(maps.Keys(leaks)) {
		fmt.Fprintf(w, "namespaces_without_process{%s} %d\n", labels, leaks[labels])
	}
}

// heldBy is what keeps a namespace alive, in a word.
func heldBy(space *census.Namespace) string {
	switch {
	case len(space.Mounts) > 0:
		return "mount"
	case len(space.Holders) > 0:
		return space.Holders[0].How.String()
	}
	return "unknown"
}
