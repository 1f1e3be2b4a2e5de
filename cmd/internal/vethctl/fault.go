package vethctl

import (
	"errors"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/veth"
)

// fault gives an error of package veth its exit code and its hint.
func fault(err error) error {
	var e *veth.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	return &applet.Error{Text: e.Error(), Code: exitCode(e.Kind), Hint: hint(e)}
}

// exitCode is the documented exit code of a kind of failure.
func exitCode(kind veth.Kind) int {
	switch kind {
	case veth.Invalid:
		return usageCode
	case veth.NotFound:
		return 3
	case veth.Exists:
		return 4
	case veth.Denied:
		return 5
	case veth.TimedOut:
		return 6
	case veth.Stuck:
		return 7
	}
	return 1
}

func hint(e *veth.Error) string {
	switch {
	case errors.Is(e, veth.ErrOwn):
		return "--allow-own accepts it; this keeps a reused process ID from changing your own network"
	case errors.Is(e, veth.ErrHidden):
		return "list --orphans shows what can be seen; removing orphans needs root in the initial PID namespace, or in new PID and network namespaces"
	case e.Kind != veth.Denied:
		return ""
	}
	return "this needs CAP_NET_ADMIN over the network namespaces of both endpoints, and CAP_SYS_ADMIN to enter one; " +
		"a new user namespace gives neither over the host's: let root create the host's endpoint, or use pasta or slirp4netns"
}
