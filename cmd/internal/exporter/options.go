package exporter

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nskit/nskit/internal/fleet"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/spf13/pflag"
)

// defaultAddress has a port that no other exporter is known to have.
const defaultAddress = ":9960"

// unset is a path that nobody can give.
const unset = "\x00"

// options are what the command line comes to.
type options struct {
	help, version bool
	// usage is the text of --help.
	usage string

	listen        []string
	systemdSocket bool
	webConfig     string
	metricsPath   string
	// maxRequests is how many requests are answered at a time, 0 for any number.
	maxRequests uint
	// state is the file of the memory, "" for none.
	state string
	// births says that namespaces are counted where they are made, socket where creators are told, "" for nowhere.
	births bool
	socket string
	// limit is the longest that a scrape may take that names no time itself.
	limit time.Duration
	// enabled says by name which collectors work.
	enabled map[string]*bool
	level   *promslog.Level
	format  *promslog.Format
}

// web is what exporter-toolkit wants to know.
func (o *options) web() *web.FlagConfig {
	return &web.FlagConfig{WebListenAddresses: &o.listen, WebSystemdSocket: &o.systemdSocket, WebConfigFile: &o.webConfig}
}

// collectors are the enabled ones.
func (o *options) collectors() []fleet.Collector {
	var all []fleet.Collector
	for _, c := range fleet.Collectors() {
		if *o.enabled[c.Name] {
			all = append(all, c)
		}
	}
	return all
}

// about says of each collector what it counts.
var about = map[string]string{
	"namespaces": "namespaces, those without a process, and their age",
	"links":      "endpoints of veth and netkit pairs, ports of bridges",
	"limits":     "limits on namespaces and their use",
	"mounts":     "mounts of the largest mount namespace",
	"processes":  "zombies, PID namespaces that cannot end",
}

// toggle is a flag that sets a value shared with another flag.
type toggle struct {
	target *bool
	negate bool
}

func (t toggle) String() string   { return "" }
func (t toggle) Type() string     { return "" }
func (t toggle) IsBoolFlag() bool { return true }

func (t toggle) Set(text string) error {
	on, err := strconv.ParseBool(text)
	*t.target = on != t.negate
	return err
}

// parse reads the command line; env looks up systemd's variables.
func parse(args []string, env func(string) string) (*options, error) {
	o := &options{enabled: map[string]*bool{}, level: promslog.NewLevel(), format: promslog.NewFormat()}
	flags := pflag.NewFlagSet(program, pflag.ContinueOnError)
	flags.SortFlags = false
	flags.Usage = func() {}
	flags.StringArrayVar(&o.listen, "web.listen-address", []string{defaultAddress}, "`address` to listen on, or vsock://:PORT; can be given several times")
	flags.BoolVar(&o.systemdSocket, "web.systemd-socket", false, "listen on the sockets that systemd hands over")
	flags.StringVar(&o.webConfig, "web.config.file", "", "`file` with TLS and authentication, as exporter-toolkit has it")
	flags.StringVar(&o.metricsPath, "web.telemetry-path", "/metrics", "`path` of the metrics")
	flags.UintVar(&o.maxRequests, "web.max-requests", 40, "most `requests` that are answered at a time, others get status 503; 0 for any number")
	flags.StringVar(&o.state, "state.file", "", "`file` that keeps ages and counters over a restart; state.json in $STATE_DIRECTORY if that is set, else none")
	flags.DurationVar(&o.limit, "scrape.timeout", 10*time.Second, "longest `time` of a scrape that does not name one")
	for _, c := range fleet.Collectors() {
		on := true
		o.enabled[c.Name] = &on
		flags.VarPF(toggle{&on, false}, "collector."+c.Name, "", "count "+about[c.Name]+" (on)").NoOptDefVal = "true"
		flags.VarPF(toggle{&on, true}, "no-collector."+c.Name, "", "leave that out").NoOptDefVal = "true"
	}
	flags.VarPF(toggle{&o.births, false}, "collector.births", "", "count every namespace that is made or freed, and know who made it, by eBPF (off)").NoOptDefVal = "true"
	flags.VarPF(toggle{&o.births, true}, "no-collector.births", "", "leave that out").NoOptDefVal = "true"
	flags.StringVar(&o.socket, "births.socket", unset, "`file` of the socket that tells 'lsns -o CREATOR' who made what, none if empty; births.sock in $RUNTIME_DIRECTORY, else in "+fleet.CreatorsDirectory)
	flags.Lookup("births.socket").DefValue = ""
	flags.Var(value{o.level, "level"}, "log.level", "least `level` that is logged: debug, info, warn, error")
	flags.Var(value{o.format, "format"}, "log.format", "`format` of the log: logfmt, json")
	flags.BoolVarP(&o.help, "help", "h", false, "display this help")
	flags.BoolVarP(&o.version, "version", "V", false, "display version")
	o.usage = "Usage:\n " + program + " [options]\n\nServe numbers of namespaces to Prometheus.\n\nOptions:\n" + flags.FlagUsages()
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, o.check(env)
}

// check completes the options and refuses what cannot be meant.
func (o *options) check(env func(string) string) error {
	if dir, _, _ := strings.Cut(env("STATE_DIRECTORY"), ":"); dir != "" {
		o.state = cmp.Or(o.state, filepath.Join(dir, "state.json"))
	}
	if o.socket == unset {
		dir, _, _ := strings.Cut(env("RUNTIME_DIRECTORY"), ":")
		o.socket = filepath.Join(cmp.Or(dir, fleet.CreatorsDirectory), fleet.CreatorsSocket)
	}
	for _, address := range o.listen {
		if err := checkAddress(address); err != nil {
			return fmt.Errorf("bad address %q of --web.listen-address: %w", address, err)
		}
	}
	if p := o.metricsPath; !strings.HasPrefix(p, "/") || len(p) < 2 || p == healthPath || path.Clean(p) != strings.TrimSuffix(p, "/") || strings.ContainsAny(p, " \t{}?#%") {
		return fmt.Errorf("bad path %q of --web.telemetry-path", o.metricsPath)
	}
	if o.limit <= 0 {
		return fmt.Errorf("--scrape.timeout must be more than nothing")
	}
	if len(o.collectors()) == 0 && !o.births {
		return fmt.Errorf("all collectors are switched off")
	}
	return nil
}

// checkAddress refuses what the network's package would take for any port, or fail on only after the start.
func checkAddress(address string) error {
	port, vsock := strings.CutPrefix(address, "vsock://:")
	if vsock {
		_, err := strconv.ParseUint(port, 10, 32)
		return err
	}
	_, port, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return errors.New("it must be HOST:PORT or :PORT")
	case port == "":
		return errors.New("it has no port")
	}
	_, err = net.LookupPort("tcp", port)
	return err
}

// value makes a flag of what the log's package has.
type value struct {
	setter interface {
		String() string
		Set(string) error
	}
	kind string
}

func (v value) String() string {
	if v.setter == nil {
		return ""
	}
	return v.setter.String()
}
func (v value) Set(text string) error { return v.setter.Set(text) }
func (v value) Type() string          { return v.kind }
