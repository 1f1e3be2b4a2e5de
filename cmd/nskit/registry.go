package main

import (
	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/lsns"
	"github.com/nskit/nskit/cmd/internal/nsenter"
	"github.com/nskit/nskit/cmd/internal/pivot"
	"github.com/nskit/nskit/cmd/internal/unshare"
	"github.com/nskit/nskit/cmd/internal/vethctl"
)

// applets is the whole registry: a new applet is a folder and one line here.
var applets = []*applet.Applet{
	&pivot.Applet,
	&unshare.Applet,
	&nsenter.Applet,
	&vethctl.Applet,
	&lsns.Applet,
}
