// Package registry lists the applets, for the binary that runs them and for the
// command that writes their manuals and completions.
package registry

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/check"
	"github.com/nskit/nskit/cmd/internal/lsns"
	"github.com/nskit/nskit/cmd/internal/nsenter"
	"github.com/nskit/nskit/cmd/internal/pivot"
	"github.com/nskit/nskit/cmd/internal/unshare"
	"github.com/nskit/nskit/cmd/internal/vethctl"
)

// Applets is the whole registry: a new applet is a folder and one line here. An
// entry is the address of a variable and nothing that has to be computed: it is
// read before the Go runtime starts, when no package is initialised.
var Applets = []*applet.Applet{
	&pivot.Applet,
	&unshare.Applet,
	&nsenter.Applet,
	&vethctl.Applet,
	&lsns.Applet,
	&check.Applet,
}
