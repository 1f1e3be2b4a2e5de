package main

import (
	"fmt"
	"strings"
)

const head = `# Run by others

` + "`make peers`" + ` writes this page. It runs suites and programs that others wrote for util-linux's tools, from Debian's packages:
once with sid's util-linux, once with nskit bind-mounted over ` + "`unshare`, `nsenter`, `lsns`, `pivot_root` and `switch_root`" + `.
Every case must come to the same with both. What does not is listed with its reason; anything else fails the run.

**starts** is how often nskit was executed. A case whose result changes with the same tools is called unsteady, and left out.

| client | version | cases with util-linux | with nskit | starts | differences |
|---|---|---|---|---|---|
`

// page is docs/peers.md.
func page(outcomes []outcome) string {
	var out strings.Builder
	out.WriteString(head)
	for i := range outcomes {
		fmt.Fprintln(&out, outcomes[i].row())
	}
	out.WriteString("\n## What is run\n\n")
	for _, o := range outcomes {
		fmt.Fprintf(&out, "- **%s**: %s\n", o.client.name, o.client.what)
	}
	out.WriteString("\n## Not run\n\n")
	for i := range outcomes {
		if why := outcomes[i].whyNot(); why != "" {
			fmt.Fprintf(&out, "- **%s**, this time: %s\n", outcomes[i].client.name, why)
		}
	}
	for _, a := range absent {
		fmt.Fprintf(&out, "- **%s**: %s\n", a.name, a.reason)
	}
	out.WriteString("\n## Differences\n\n")
	any := false
	for i := range outcomes {
		for _, d := range outcomes[i].differences() {
			any = true
			fmt.Fprintf(&out, "- %s, %s: %s with util-linux, %s with nskit: %s\n", outcomes[i].client.name, d.name, d.host, d.nskit, d.reason)
		}
		if unsteady := outcomes[i].unsteady; len(unsteady) > 0 {
			any = true
			fmt.Fprintf(&out, "- %s, unsteady: %s\n", outcomes[i].client.name, strings.Join(unsteady, "; "))
		}
	}
	if !any {
		out.WriteString("None.\n")
	}
	return out.String()
}
