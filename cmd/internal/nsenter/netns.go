package nsenter

import (
	"os"
	"strings"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/cmd/internal/values"
	"github.com/nskit/nskit/internal/order"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
)

// netnsDir is where ip-netns(8) has named network namespaces.
const netnsDir = "/run/netns/"

// setNetns is --netns: --net of the file of that name, and more.
func setNetns(target any, _ *getopt.Option, name getopt.Value) error {
	if err := values.NetnsName(name.Text); err != nil {
		return err
	}
	of(target).netns = name.Text
	net := getopt.Option{Num: int(ns.Net)}
	return setKind(target, &net, getopt.Value{Given: true, Text: netnsDir + name.Text})
}

// checkNetns refuses what does not go with --netns: it takes the files of the
// caller's mount namespace, and a copy of that to show them in.
func (o *options) checkNetns() error {
	switch {
	case o.netns == "":
		return nil
	case o.all:
		return applet.Fail("options --netns and --all are mutually exclusive")
	case o.kinds[ns.Mount].chosen:
		return applet.Fail("options --netns and --mount are mutually exclusive")
	case o.netSocket.given:
		return applet.Fail("options --netns and --net-socket are mutually exclusive")
	case o.kinds[ns.Net].byID, o.kinds[ns.Net].file != netnsDir+o.netns:
		return applet.Fail("options --netns and --net are mutually exclusive")
	case o.brings != nil:
		return applet.Fail("--netns makes its own mounts, and excludes --tools, --carry, --attach and --detach")
	}
	return nil
}

// netnsView finds the files that a named network namespace has for those in /etc.
func netnsView(name string) (*launch.Netns, error) {
	if name == "" {
		return nil, nil
	}
	view := &launch.Netns{Name: name, Dir: "/etc/netns/" + name}
	dir, err := os.Open(view.Dir)
	if os.IsNotExist(err) {
		return view, nil
	}
	if err == nil {
		defer dir.Close()
		view.Files, err = dir.Readdirnames(-1)
	}
	if err != nil {
		return nil, &applet.Error{Text: "cannot read " + view.Dir, Err: err}
	}
	order.Sort(view.Files, func(a, b *string) int { return strings.Compare(*a, *b) })
	return view, nil
}
