package lsns

import (
	"math"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/cmd/internal/getopt"
	"github.com/nskit/nskit/pkg/census"
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

	output *string // the list of -o
	filter *string
	kinds  ns.Set
	tree   tree // noTree: not asked for

	task      int  // 0 for none
	self      bool // -p self
	namespace census.Inode

	watch time.Duration
	diff  string
	color string
}

// table is the option table.
func (o *options) table() []getopt.Option {
	flag := getopt.Flag
	kinds := strings.Fields("mnt net ipc user pid uts cgroup time")
	return append([]getopt.Option{
		{Short: 'J', Long: "json", Help: "use JSON output format", Set: flag(&o.json)},
		{Short: 'l', Long: "list", Help: "use list format output", Set: flag(&o.list)},
		{Short: 'n', Long: "noheadings", Help: "don't print headings", Set: flag(&o.noHeadings)},
		{Short: 'o', Long: "output", Arg: getopt.Required, Value: "list", Values: getopt.ListOf, Words: columnNames(),
			Help: "output columns (see --list-columns)", Set: func(v *string) error { o.output = v; return nil }},
		{Long: "output-all", Help: "output all columns of util-linux", Set: flag(&o.allColumns)},
		{Short: 'P', Long: "persistent", Help: "namespaces without processes", Set: flag(&o.persistent)},
		{Short: 'p', Long: "task", Arg: getopt.Required, Value: "pid", Values: getopt.PIDs, Help: "print process namespaces; 'self' for lsns's own", Set: o.setTask},
		{Short: 'Q', Long: "filter", Arg: getopt.Required, Value: "expr", Help: "show only what the expression is true for",
			Set: func(v *string) error { o.filter = v; return nil }},
		{Short: 'r', Long: "raw", Help: "use the raw output format", Set: flag(&o.raw)},
		{Short: 'u', Long: "notruncate", First: true, Help: "don't truncate text in columns", Set: flag(&o.noTruncate)},
		{Short: 'W', Long: "nowrap", Help: "don't use multi-line representation", Set: flag(&o.noWrap)},
		{Short: 't', Long: "type", Arg: getopt.Required, Value: "name", Values: getopt.OneOf, Words: kinds,
			Help: "namespace type (" + strings.Join(kinds, ", ") + ")", Set: o.addKind},
		{Short: 'T', Long: "tree", Arg: getopt.Optional, Value: "rel", Values: getopt.OneOf, Words: strings.Fields("owner parent process all"),
			Help: "use tree format (parent, owner, process, or all)", Set: o.setTree},
		{Short: 'H', Long: "list-columns", Help: "list the available columns", Set: flag(&o.listColumns)},
		{Long: "watch", Arg: getopt.Optional, Value: "seconds", Extra: true, Help: "report namespaces as they appear and vanish", Set: o.setWatch},
		{Long: "diff", Arg: getopt.Required, Value: "file", Values: getopt.Files, Extra: true, Help: "compare with a listing saved by --json", Set: getopt.Text(&o.diff)},
		{Long: "color", Arg: getopt.Optional, Value: "when", Values: getopt.OneOf, Words: strings.Fields("auto always never"), Extra: true,
			Help: "colorize the output (auto, always or never)", Set: o.setColor},
	}, applet.StandardOptions()...)
}

func (o *options) setTask(value *string) error {
	if *value == "self" {
		o.task, o.self = 0, true
		return nil
	}
	n, err := parseNumber(*value)
	switch {
	case err == nil && (n == 0 || n > 1<<31-1):
		err = syscall.ERANGE
	case err == errNumber:
		return applet.Failf("invalid PID argument: '%s'", *value)
	}
	if err != nil {
		return &applet.Error{Text: "invalid PID argument: '" + *value + "'", Err: err}
	}
	o.task, o.self = int(n), false
	return nil
}

func (o *options) addKind(value *string) error {
	kind, ok := ns.Parse(*value)
	if !ok {
		return applet.Failf("unknown namespace type: %s", *value)
	}
	o.kinds |= ns.SetOf(kind)
	return nil
}

func (o *options) setTree(value *string) error {
	name := "owner"
	if value != nil {
		name = strings.TrimPrefix(*value, "=")
	}
	relation, ok := treeOf(name)
	if !ok {
		return applet.Failf("unknown tree type: %s", name)
	}
	o.tree = relation
	return nil
}

func (o *options) setWatch(value *string) error {
	o.watch = time.Second
	if value == nil {
		return nil
	}
	seconds, err := strconv.ParseFloat(*value, 64)
	if err != nil || !(seconds >= 0.01 && seconds <= 1e6) {
		return applet.Failf("invalid interval: '%s'", *value)
	}
	o.watch = time.Duration(seconds * float64(time.Second))
	return nil
}

func (o *options) setColor(value *string) error {
	o.color = "auto"
	if value != nil {
		o.color = *value
	}
	if o.color != "auto" && o.color != "always" && o.color != "never" {
		return applet.Failf("unsupported color mode: '%s'", o.color)
	}
	return nil
}

// finish takes the first operand, as util-linux does, and refuses what does not go together.
func (o *options) finish(operands []string) error {
	if len(operands) > 0 {
		if err := o.setNamespace(operands[0]); err != nil {
			return err
		}
	}
	task := o.task != 0 || o.self
	for _, pair := range []struct {
		both   bool
		reason string
	}{
		{o.json && o.raw, cannotCombine("json", "raw")},
		{o.list && o.tree != noTree, cannotCombine("list", "tree")},
		{o.persistent && task, cannotCombine("persistent", "task")},
		{o.namespace != 0 && task, "--task is mutually exclusive with <namespace>"},
		{o.watch > 0 && o.diff != "", cannotCombine("watch", "diff")},
		{o.namespace != 0 && o.watch > 0, "--watch is mutually exclusive with <namespace>"},
		{o.namespace != 0 && o.diff != "", "--diff is mutually exclusive with <namespace>"},
		{o.namespace != 0 && o.tree == everything, "--tree=all is mutually exclusive with <namespace>"},
	} {
		if pair.both {
			return &applet.Error{Text: pair.reason}
		}
	}
	return nil
}

func cannotCombine(a, b string) string {
	return "options --" + a + " and --" + b + " cannot be combined"
}

func (o *options) setNamespace(text string) error {
	n, err := parseNumber(text)
	if err == errNumber {
		return applet.Failf("invalid namespace argument: '%s'", text)
	}
	if err != nil {
		return &applet.Error{Text: "invalid namespace argument: '" + text + "'", Err: err}
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
