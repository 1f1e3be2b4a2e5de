//go:build linux

package veth_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/launch"
	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/nsexec"
	"github.com/nskit/nskit/pkg/nstest"
	"github.com/nskit/nskit/pkg/veth"
	"golang.org/x/sys/unix"
)

// other is a process in another network namespace until the test ends.
func other(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := nsexec.Command(t.Context(), &launch.Spec{Unshare: ns.SetOf(ns.Net), Command: launch.Command{File: "sleep", Args: []string{"sleep", "1000"}}})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd.Cmd
}

func names(t *testing.T) (all []string) {
	t.Helper()
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		all = append(all, l.Name)
	}
	return all
}

// TestLife makes, lists, moves and removes a pair.
func TestLife(t *testing.T) {
	nstest.Run(t, nstest.Net, func(t *testing.T) {
		there := other(t).Process.Pid
		local, far := netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("192.0.2.2/24")
		spec := veth.Spec{Loopback: true, A: veth.Endpoint{Name: "a0", MTU: 1400, Addrs: []netip.Prefix{local}},
			B: veth.Endpoint{NS: veth.PID(there), Name: "b0", MAC: [6]byte{2, 0, 0, 0, 0, 9}, Addrs: []netip.Prefix{far}, Gateways: []netip.Addr{local.Addr()},
				Routes: []veth.Route{{Dst: netip.MustParsePrefix("198.51.100.0/24")}}}}
		made, err := veth.Add(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if made.A.Name != "a0" || made.A.MTU != 1400 || !slices.Contains(made.A.Addrs, local) || !made.A.Carrier ||
			made.B.MAC[5] != 9 || !slices.Contains(made.B.Addrs, far) || made.B.PID != there || made.A.Inode == made.B.Inode {
			t.Errorf("%+v", made)
		}
		if _, err := veth.Add(t.Context(), spec); !errors.Is(err, fs.ErrExist) || !errors.Is(err, unix.EEXIST) {
			t.Error("made twice:", err)
		}
		spec.Mode = veth.IfMissing
		again, err := veth.Add(t.Context(), spec)
		if err != nil || again.A.Index != made.A.Index {
			t.Error(again, err)
		}
		pairs, err := veth.List(t.Context())
		ours := func(p veth.Pair) bool { // there can be pairs of others
			return p.A.Inode == made.A.Inode && p.A.Name == "a0" && p.B.Name == "b0" && p.B.PID == there
		}
		if err != nil || !slices.ContainsFunc(pairs, ours) {
			t.Errorf("%+v %v", pairs, err)
		}
		if err := veth.Move(t.Context(), veth.PID(there), "b0", veth.NS{}, "c0"); err != nil {
			t.Fatal(err)
		}
		if all := names(t); !slices.Contains(all, "c0") {
			t.Error(all)
		}
		if err := veth.Del(t.Context(), veth.NS{}, "c0"); err != nil || len(names(t)) != 1 {
			t.Error(err, names(t))
		}
	})
}

// TestInside makes a pair from where ns.Do has taken the goroutine: the zero NS is there,
// and the host's handle leads home.
func TestInside(t *testing.T) {
	nstest.Run(t, nstest.Net, func(t *testing.T) {
		h, err := ns.OpenPID(other(t).Process.Pid, ns.Net)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		err = ns.Do(h, func(host *ns.Handle) error {
			_, err := veth.Add(t.Context(), veth.Spec{A: veth.Endpoint{Name: "eth0"}, B: veth.Endpoint{NS: veth.FD(host.FD()), Name: "home0"}})
			return err
		})
		if all := names(t); err != nil || !slices.Contains(all, "home0") || slices.Contains(all, "eth0") {
			t.Error(err, all)
		}
	})
}

// TestRefused makes sure that each failure is what it is to errors.Is, and leaves nothing.
func TestRefused(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	nstest.Run(t, nstest.Net, func(t *testing.T) {
		good := veth.Endpoint{Name: "good0"}
		for what, tt := range map[string]struct {
			ctx  context.Context
			b    veth.Endpoint
			want error
		}{
			"context":   {ended, veth.Endpoint{Name: "b0"}, context.Canceled},
			"name":      {t.Context(), veth.Endpoint{Name: "a name that is long"}, fs.ErrInvalid},
			"no name":   {t.Context(), veth.Endpoint{}, fs.ErrInvalid},
			"gateway":   {t.Context(), veth.Endpoint{Name: "b0", Gateways: []netip.Addr{{}}}, fs.ErrInvalid},
			"pid":       {t.Context(), veth.Endpoint{NS: veth.PID(-1), Name: "b0"}, fs.ErrInvalid},
			"nobody":    {t.Context(), veth.Endpoint{NS: veth.PID(1 << 30), Name: "b0"}, fs.ErrNotExist},
			"file":      {t.Context(), veth.Endpoint{NS: veth.Path("/dev/null"), Name: "b0"}, fs.ErrNotExist},
			"walks up":  {t.Context(), veth.Endpoint{NS: veth.Named("../x"), Name: "b0"}, fs.ErrInvalid},
			"no master": {t.Context(), veth.Endpoint{Name: "b0", Master: "br0"}, fs.ErrNotExist},
			"taken":     {t.Context(), veth.Endpoint{Name: "lo"}, fs.ErrExist},
			"mtu":       {t.Context(), veth.Endpoint{Name: "b0", MTU: 1 << 20}, fs.ErrInvalid},
		} {
			_, err := veth.Add(tt.ctx, veth.Spec{A: good, B: tt.b})
			var e *veth.Error
			if !errors.Is(err, tt.want) || !errors.As(err, &e) || e.Op != "add" {
				t.Errorf("%s: %v", what, err)
			}
			if all := names(t); len(all) != 1 {
				t.Errorf("%s: left %v", what, all)
			}
		}
		if err := veth.Del(t.Context(), veth.NS{}, "none0"); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		if err := veth.Move(t.Context(), veth.NS{}, "none0", veth.PID(os.Getpid()), ""); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
}

// Which pairs lead into which containers?
func ExampleList() {
	pairs, err := veth.List(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	known := containers.NewIndex(containers.Places{Root: "/"})
	for _, pair := range pairs {
		for _, link := range []veth.Link{pair.A, pair.B} {
			process, err := containers.Look(link.PID)
			if err != nil {
				continue // nobody is there
			}
			if c, ok := known.Of(process); ok {
				fmt.Println(known.Name(c), link.Name, link.Addrs)
			}
		}
	}
}

func ExampleNS() {
	fmt.Println(veth.NS{}, veth.PID(4242), veth.Named("blue"), veth.Path("/proc/1/ns/net"), veth.Replace)
	// Output: . pid:4242 name:blue path:/proc/1/ns/net replace
}
