// Command cni is a plugin of the Container Network Interface, version 1.0.0: it connects a
// container to the host by a veth pair, with addresses from an IPAM plugin such as
// host-local. It replaces the plugin ptp's use of vishvananda/netlink and of
// containernetworking/plugins' package ns.
//
// Each side has a route to the other's address alone, so containers of one network reach
// each other through the host. What it is asked comes by the environment and standard
// input, see https://www.cni.dev/docs/spec.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/nskit/nskit/pkg/ns"
	"github.com/nskit/nskit/pkg/veth"
)

const version = "1.0.0"

// config is what the plugin reads of a network's configuration.
type config struct {
	CNIVersion string `json:"cniVersion"`
	MTU        uint32 `json:"mtu"`
	IPAM       struct {
		Type string `json:"type"`
	} `json:"ipam"`
}

// request is one call of the plugin.
type request struct {
	config
	text                                []byte
	container, netns, ifname, pluginDir string
}

// result is the answer to ADD; an IPAM plugin's has no interfaces.
type result struct {
	CNIVersion string          `json:"cniVersion"`
	Interfaces []iface         `json:"interfaces,omitempty"`
	IPs        []address       `json:"ips"`
	Routes     json.RawMessage `json:"routes,omitempty"`
	DNS        json.RawMessage `json:"dns,omitempty"`
}

type iface struct {
	Name    string `json:"name"`
	MAC     string `json:"mac"`
	Sandbox string `json:"sandbox,omitempty"`
}

type address struct {
	Address   netip.Prefix `json:"address"`
	Gateway   netip.Addr   `json:"gateway"`
	Interface *int         `json:"interface,omitempty"`
}

// failure is an error with its number in the specification.
type failure struct {
	code int
	error
}

func main() {
	answer, err := serve(context.Background(), os.Getenv("CNI_COMMAND"))
	if err == nil {
		os.Stdout.Write(answer)
		return
	}
	f := failure{code: 100}
	errors.As(err, &f)
	text, _ := json.Marshal(map[string]any{"cniVersion": version, "code": f.code, "msg": err.Error()})
	os.Stdout.Write(append(text, '\n'))
	os.Exit(1)
}

// serve answers one command.
func serve(ctx context.Context, command string) ([]byte, error) {
	if command == "VERSION" {
		return []byte(`{"cniVersion":"` + version + `","supportedVersions":["` + version + `"]}` + "\n"), nil
	}
	r, err := read()
	if err != nil {
		return nil, err
	}
	switch command {
	case "ADD":
		return r.add(ctx)
	case "CHECK":
		return nil, r.check(ctx)
	case "DEL":
		return nil, r.del(ctx)
	}
	return nil, failure{4, fmt.Errorf("CNI_COMMAND: unknown command %q", command)}
}

// read reads the environment and standard input.
func read() (*request, error) {
	r := &request{container: os.Getenv("CNI_CONTAINERID"), netns: os.Getenv("CNI_NETNS"), ifname: os.Getenv("CNI_IFNAME"), pluginDir: os.Getenv("CNI_PATH")}
	var err error
	if r.text, err = io.ReadAll(os.Stdin); err != nil {
		return nil, failure{5, err}
	}
	switch err := json.Unmarshal(r.text, &r.config); {
	case err != nil:
		return nil, failure{6, err}
	case r.CNIVersion != version:
		return nil, failure{1, fmt.Errorf("cniVersion %q: only %s is supported", r.CNIVersion, version)}
	case r.IPAM.Type == "" || r.IPAM.Type != filepath.Base(r.IPAM.Type):
		return nil, failure{7, errors.New("ipam: a type is needed")}
	case r.container == "" || r.ifname == "":
		return nil, failure{4, errors.New("CNI_CONTAINERID and CNI_IFNAME are needed")}
	}
	return r, nil
}

// hostName is the name of the host's endpoint.
func (r *request) hostName() string {
	sum := sha256.Sum256([]byte(r.container + "/" + r.ifname))
	return "veth" + hex.EncodeToString(sum[:])[:8]
}

// add makes the pair. When that fails, the addresses are given back.
func (r *request) add(ctx context.Context) (answer []byte, err error) {
	if r.netns == "" {
		return nil, failure{4, errors.New("CNI_NETNS is needed")}
	}
	given, err := r.ipam(ctx, "ADD")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r.ipam(ctx, "DEL")
		}
	}()
	var made result
	if err := json.Unmarshal(given, &made); err != nil {
		return nil, failure{6, err}
	}
	for _, ip := range made.IPs {
		if !ip.Gateway.IsValid() {
			return nil, failure{7, fmt.Errorf("ipam: %s has no gateway", ip.Address)}
		}
	}
	pair, err := veth.Add(ctx, r.pair(made.IPs))
	if err != nil {
		return nil, err
	}
	inside := 1
	for i := range made.IPs {
		made.IPs[i].Interface = &inside
	}
	made.CNIVersion = version
	made.Interfaces = []iface{
		{Name: pair.A.Name, MAC: net.HardwareAddr(pair.A.MAC[:]).String()},
		{Name: pair.B.Name, MAC: net.HardwareAddr(pair.B.MAC[:]).String(), Sandbox: r.netns},
	}
	answer, err = json.Marshal(made)
	return append(answer, '\n'), err
}

// pair is what to make.
func (r *request) pair(ips []address) veth.Spec {
	host := veth.Endpoint{Name: r.hostName(), MTU: r.MTU}
	inside := veth.Endpoint{NS: veth.Path(r.netns), Name: r.ifname, MTU: r.MTU}
	for _, ip := range ips {
		own, gateway := alone(ip.Address.Addr()), alone(ip.Gateway)
		host.Addrs, inside.Addrs = append(host.Addrs, gateway), append(inside.Addrs, own)
		host.Routes, inside.Routes = append(host.Routes, veth.Route{Dst: own}), append(inside.Routes, veth.Route{Dst: gateway})
		inside.Gateways = append(inside.Gateways, ip.Gateway)
	}
	return veth.Spec{A: host, B: inside, Loopback: true}
}

// alone is the network of one address.
func alone(addr netip.Addr) netip.Prefix { return netip.PrefixFrom(addr, addr.BitLen()) }

// check makes sure that the container's interface is there, and its addresses are.
func (r *request) check(ctx context.Context) error {
	if _, err := r.ipam(ctx, "CHECK"); err != nil {
		return err
	}
	space, err := ns.Open(r.netns)
	if err != nil {
		return err
	}
	defer space.Close()
	return ns.Do(space, func(*ns.Handle) error {
		_, err := net.InterfaceByName(r.ifname)
		return err
	})
}

// del removes what there is: it may be asked again, and after the namespace is gone.
func (r *request) del(ctx context.Context) error {
	if err := veth.Del(ctx, veth.NS{}, r.hostName()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, err := r.ipam(ctx, "DEL")
	return err
}

// ipam has another plugin do its part, which gets the same environment and configuration.
func (r *request) ipam(ctx context.Context, command string) ([]byte, error) {
	for _, dir := range filepath.SplitList(r.pluginDir) {
		file := filepath.Join(dir, r.IPAM.Type)
		if _, err := os.Stat(file); err != nil {
			continue
		}
		cmd := exec.CommandContext(ctx, file)
		cmd.Env = append(os.Environ(), "CNI_COMMAND="+command)
		cmd.Stdin, cmd.Stderr = bytes.NewReader(r.text), os.Stderr
		out, err := cmd.Output()
		if err == nil {
			return out, nil
		}
		var said struct {
			Code int    `json:"code"`
			Msg  string `json:"msg"`
		}
		if json.Unmarshal(out, &said) == nil && said.Code != 0 {
			return nil, failure{said.Code, fmt.Errorf("%s: %s", r.IPAM.Type, said.Msg)}
		}
		return nil, failure{5, fmt.Errorf("%s: %w", file, err)}
	}
	return nil, failure{7, fmt.Errorf("ipam: no plugin %s in CNI_PATH", r.IPAM.Type)}
}
