package lsns

import (
	"math"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/internal/census"
	"github.com/nskit/nskit/pkg/ns"
)

// tree is a relation between rows.
type tree uint8

const (
	noTree tree = iota
	byProcess
	byOwner
	byParent
	// everything is users, the namespaces they own, and the processes in them.
	everything
)

// treeOf is the relation with a name.
func treeOf(name string) (tree, bool) {
	switch name {
	case "owner":
		return byOwner, true
	case "parent":
		return byParent, true
	case "process":
		return byProcess, true
	case "all":
		return everything, true
	}
	return noTree, false
}

// options is a command line.
type options struct {
	json, list, noHeadings, raw, noTruncate, noWrap bool
	allColumns, listColumns, persistent             bool

	// format is --json or --raw, shape --list or --tree, scope --persistent or --task.
	format, shape, scope applet.Exclusive

	parser getopt.Parser
	output getopt.Value // the list of -o
	filter getopt.Value
	kinds  ns.Set
	tree   tree // noTree: not asked for

	task      int  // 0 for none
	self      bool // -p self
	namespace census.Inode
	// container is the name of one, whose init takes the place of task.
	container string

	watch  time.Duration
	until  []condition
	diff   string
	ignore []string
	color  string

	holding getopt.Value // what --holding asks about
	limits  bool
	metrics bool
}

// of is the target of every option.
func of(target any) *options { return target.(*options) }

// The options that have no value, in getopt.Option.Num.
const (
	flagJSON = iota
	flagList
	flagNoHeadings
	flagRaw
	flagNoTruncate
	flagNoWrap
	flagAllColumns
	flagListColumns
	flagPersistent
	flagLimits
	flagMetrics
)

// optionTable is plain data, there before the Go runtime is; the completions
// of --output are added by usages.
var optionTable = [...]getopt.Option{
	{Short: 'J', Long: "json", Help: "use JSON output format", Num: flagJSON, Apply: setFlag},
	{Short: 'l', Long: "list", Help: "use list format output", Num: flagList, Apply: setFlag},
	{Short: 'n', Long: "noheadings", Help: "don't print headings", Num: flagNoHeadings, Apply: setFlag},
	{Short: 'o', Long: "output", Arg: getopt.Required, Value: "list", Values: getopt.ListOf, Help: "output columns (see --list-columns)", Apply: setOutput},
	{Long: "output-all", Help: "output all columns of util-linux", Num: flagAllColumns, Apply: setFlag},
	{Short: 'P', Long: "persistent", Help: "namespaces without processes", Num: flagPersistent, Apply: setFlag},
	{Short: 'p', Long: "task", Arg: getopt.Required, Value: "pid", Values: getopt.PIDs, Help: "print process namespaces; 'self' for lsns's own", Apply: setTask},
	{Short: 'Q', Long: "filter", Arg: getopt.Required, Value: "expr", Help: "show only what the expression is true for", Apply: setFilter},
	{Short: 'r', Long: "raw", Help: "use the raw output format", Num: flagRaw, Apply: setFlag},
	{Short: 'u', Long: "notruncate", First: true, Help: "don't truncate text in columns", Num: flagNoTruncate, Apply: setFlag},
	{Short: 'W', Long: "nowrap", Help: "don't use multi-line representation", Num: flagNoWrap, Apply: setFlag},
	{Short: 't', Long: "type", Arg: getopt.Required, Value: "name", Values: getopt.OneOf, Words: []string{"mnt", "net", "ipc", "user", "pid", "uts", "cgroup", "time"},
		Help: "namespace type (mnt, net, ipc, user, pid, uts, cgroup, time)", Apply: addKind},
	{Short: 'T', Long: "tree", Arg: getopt.Optional, Value: "rel", Values: getopt.OneOf, Words: []string{"owner", "parent", "process", "all"},
		Help: "use tree format (parent, owner, process, or all)", Apply: setTree},
	{Short: 'H', Long: "list-columns", Help: "list the available columns", Num: flagListColumns, Apply: setFlag},
	{Long: "watch", Arg: getopt.Optional, Value: "seconds", Extra: true, Help: "report namespaces as they appear and vanish", Apply: setWatch},
	{Long: "diff", Arg: getopt.Required, Value: "file", Values: getopt.Files, Extra: true, Help: "show namespaces (leaks) that a saved --json listing lacks; - is standard input", Apply: setDiff},
	{Long: "for", Arg: getopt.Required, Value: "condition", Values: getopt.OneOf, Words: []string{"appeared", "appeared:net", "vanished", "vanished:net"}, Extra: true,
		Help: "watch until a condition is met: appeared or vanished, :type or :inode", Apply: setFor},
	{Long: "ignore", Arg: getopt.Required, Value: "pattern", Extra: true, Help: "leave out of --diff and --watch what matches a pattern", Apply: addIgnored},
	{Long: "holding", Arg: getopt.Required, Value: "what", Values: getopt.Files, Extra: true, Help: "show what keeps a device, mount or namespace busy", Apply: setHolding},
	{Long: "limits", Extra: true, Help: "show how much of the limits on namespaces and mounts is used", Num: flagLimits, Apply: setFlag},
	{Long: "metrics", Extra: true, Help: "print numbers for Prometheus, as OpenMetrics text", Num: flagMetrics, Apply: setFlag},
	{Long: "color", Arg: getopt.Optional, Value: "when", Values: getopt.OneOf, Words: []string{"auto", "always", "never"}, Extra: true,
		Help: "colorize the output (auto, always or never)", Apply: setColor},
	{Short: 'h', Long: "help", Help: "display this help", Apply: applet.AskHelp},
	{Short: 'V', Long: "version", Help: "display version", Apply: applet.AskVersion},
}

// setFlag notes that an option without a value was met.
func setFlag(target any, opt *getopt.Option, _ getopt.Value) error {
	o := of(target)
	flags := [...]*bool{
		flagJSON: &o.json, flagList: &o.list, flagNoHeadings: &o.noHeadings, flagRaw: &o.raw, flagNoTruncate: &o.noTruncate,
		flagNoWrap: &o.noWrap, flagAllColumns: &o.allColumns, flagListColumns: &o.listColumns, flagPersistent: &o.persistent,
		flagLimits: &o.limits, flagMetrics: &o.metrics,
	}
	*flags[opt.Num] = true
	switch opt.Num {
	case flagJSON, flagRaw:
		return o.format.Meet(opt.Long)
	case flagList:
		return o.shape.Meet(opt.Long)
	case flagPersistent:
		return o.scope.Meet(opt.Long)
	}
	return nil
}

func setOutput(target any, _ *getopt.Option, value getopt.Value) error {
	of(target).output = value
	return nil
}

func setFilter(target any, _ *getopt.Option, value getopt.Value) error {
	of(target).filter = value
	return nil
}

func setDiff(target any, _ *getopt.Option, value getopt.Value) error {
	of(target).diff = value.Text
	return nil
}

func setHolding(target any, _ *getopt.Option, value getopt.Value) error {
	of(target).holding = value
	return nil
}

func setTask(target any, opt *getopt.Option, value getopt.Value) error {
	o := of(target)
	if err := o.scope.Meet(opt.Long); err != nil {
		return err
	}
	if value.Text == "self" {
		o.task, o.self = 0, true
		return nil
	}
	n, err := parseNumber(value.Text)
	switch {
	case err == nil && (n == 0 || n > 1<<31-1):
		err = syscall.ERANGE
	case err == errNumber:
		return applet.Fail("invalid PID argument: '", value.Text, "'")
	}
	if err != nil {
		return applet.Fail("invalid PID argument: '", value.Text, "'").With(err)
	}
	o.task, o.self = int(n), false
	return nil
}

func addKind(target any, _ *getopt.Option, value getopt.Value) error {
	kind, ok := ns.Parse(value.Text)
	if !ok {
		return applet.Fail("unknown namespace type: ", value.Text)
	}
	of(target).kinds |= ns.SetOf(kind)
	return nil
}

func setTree(target any, opt *getopt.Option, value getopt.Value) error {
	if err := of(target).shape.Meet(opt.Long); err != nil {
		return err
	}
	name := strings.TrimPrefix(value.Or("owner"), "=")
	relation, ok := treeOf(name)
	if !ok {
		return applet.Fail("unknown tree type: ", name)
	}
	of(target).tree = relation
	return nil
}

func setWatch(target any, _ *getopt.Option, value getopt.Value) error {
	seconds, err := strconv.ParseFloat(value.Or("1"), 64)
	if err != nil || !(seconds >= 0.01 && seconds <= 1e6) {
		return applet.Fail("invalid interval: '", value.Text, "'")
	}
	of(target).watch = time.Duration(seconds * float64(time.Second))
	return nil
}

func setFor(target any, _ *getopt.Option, value getopt.Value) error {
	conditions, err := parseConditions(value.Text)
	of(target).until = append(of(target).until, conditions...)
	return err
}

func addIgnored(target any, _ *getopt.Option, value getopt.Value) error {
	of(target).ignore = append(of(target).ignore, value.Text)
	return nil
}

func setColor(target any, _ *getopt.Option, value getopt.Value) error {
	color := value.Or("auto")
	if color != "auto" && color != "always" && color != "never" {
		return applet.Fail("unsupported color mode: '", color, "'")
	}
	of(target).color = color
	return nil
}

// finish takes the first operand, as util-linux does, and refuses what does not go together.
func (o *options) finish(operands []string) error {
	if len(operands) > 0 {
		if err := o.setNamespace(operands[0]); err != nil {
			return err
		}
	}
	if err := o.finishAnswers(); err != nil {
		return err
	}
	if o.metrics {
		return o.alone()
	}
	if len(o.until) > 0 && o.watch == 0 && o.diff == "" {
		o.watch = time.Second
	}
	task := o.task != 0 || o.self
	switch {
	case o.container != "" && task:
		return notWithNamespace("task")
	case o.container != "" && (o.persistent || o.watch > 0 || o.diff != ""):
		return applet.Fail("a container excludes --persistent, --watch and --diff")
	case o.namespace != 0 && task:
		return notWithNamespace("task")
	case o.watch > 0 && o.diff != "":
		return applet.CannotCombine("watch", "diff")
	case len(o.until) > 0 && o.diff != "":
		return applet.CannotCombine("for", "diff")
	case len(o.ignore) > 0 && o.watch == 0 && o.diff == "":
		return applet.Fail("--ignore needs --diff or --watch")
	case !o.canEnd():
		return applet.Fail("--for waits for a type that --type leaves out")
	case o.namespace != 0 && o.watch > 0:
		return notWithNamespace("watch")
	case o.namespace != 0 && o.diff != "":
		return notWithNamespace("diff")
	case o.namespace != 0 && o.tree == everything:
		return notWithNamespace("tree=all")
	}
	return nil
}

// alone refuses what --metrics has no use for.
func (o *options) alone() error {
	for _, other := range [...]struct {
		given bool
		name  string
	}{
		{o.json, "json"}, {o.raw, "raw"}, {o.list, "list"}, {o.tree != noTree, "tree"}, {o.output.Given, "output"}, {o.allColumns, "output-all"},
		{o.persistent, "persistent"}, {o.task != 0 || o.self, "task"}, {o.filter.Given, "filter"}, {o.kinds != 0, "type"},
		{o.watch > 0, "watch"}, {len(o.until) > 0, "for"}, {o.diff != "", "diff"}, {len(o.ignore) > 0, "ignore"}, {o.holding.Given, "holding"}, {o.limits, "limits"},
	} {
		if other.given {
			return applet.CannotCombine("metrics", other.name)
		}
	}
	if o.namespace != 0 {
		return notWithNamespace("metrics")
	}
	return nil
}

// canEnd tells whether what is watched can meet each condition of --for.
func (o *options) canEnd() bool {
	for i := range o.until {
		if !o.until[i].possible(o.kinds) {
			return false
		}
	}
	return true
}

func notWithNamespace(option string) error {
	return applet.Fail("--", option, " is mutually exclusive with <namespace>")
}

func (o *options) setNamespace(text string) error {
	if name, ok := strings.CutPrefix(text, "ctr:"); ok {
		o.container = name
		return nil
	}
	n, err := parseNumber(text)
	if err == errNumber {
		return applet.Fail("invalid namespace argument: '", text, "'")
	}
	if err != nil {
		return applet.Fail("invalid namespace argument: '", text, "'").With(err)
	}
	if n == 0 || n > math.MaxUint32 { // no inode of a namespace
		return applet.Failf("not found namespace: %d", n)
	}
	o.namespace = census.Inode(n)
	return nil
}

// errNumber is what parseNumber returns for text that is no number.
const errNumber = syscall.EINVAL

// parseNumber reads a decimal number as strtoumax(3) does: blanks and a plus
// sign may stand before it. The error is errNumber or ERANGE.
func parseNumber(text string) (uint64, error) {
	digits := strings.TrimLeft(text, " \t\n\v\f\r")
	negative := strings.HasPrefix(digits, "-")
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		digits = digits[1:]
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, errNumber
		}
	}
	if digits == "" {
		return 0, errNumber
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || negative {
		return 0, syscall.ERANGE
	}
	return n, nil
}
