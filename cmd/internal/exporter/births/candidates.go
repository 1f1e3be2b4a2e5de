package births

import (
	"fmt"
	"strings"

	"github.com/nskit/nskit/pkg/ns"
)

// action is what a program counts.
type action int

const (
	born action = iota
	died
)

func (a action) String() string { return [...]string{"born", "died"}[a] }

// source is where a function has the namespace.
type source int

const (
	// argument: its first argument is a struct ns_common, which says of which kind it is.
	argument source = iota
	// result: it returns the new namespace, or an old one that it was given, or an error.
	result
	// credentials: it returns 0, and its first argument, a struct cred, has the new namespace.
	credentials
	// inode: its first argument is the number, which others than namespaces have, too.
	inode
)

// atReturn says that a program looks when the function returns.
func (s source) atReturn() bool { return s == result || s == credentials }

// candidate is a function of the kernel that may be there.
type candidate struct {
	function string
	does     action
	from     source
	// kind is that of a result, and structure what it is called in the kernel.
	kind      ns.Kind
	structure string
}

// way is a set of functions that see everything together.
type way struct {
	name string
	// byInode says that what ends has to be known before.
	byInode    bool
	candidates []candidate
}

// ways are those known, the best first. All are functions that other files of the kernel's source
// call, which no compiler can inline there.
var ways = []way{
	{name: "the tree of namespaces", candidates: []candidate{ // kernel/nstree.c, Linux 6.18
		{function: "__ns_tree_remove", does: died, from: argument},
		{function: "__ns_tree_add_raw", does: born, from: argument},
	}},
	{name: "the functions that copy namespaces", byInode: true, candidates: []candidate{
		{function: "proc_free_inum", does: died, from: inode},                                                   // fs/proc/generic.c
		{function: "create_user_ns", does: born, from: credentials, kind: ns.User, structure: "user_namespace"}, // kernel/user_namespace.c
		{function: "copy_pid_ns", does: born, from: result, kind: ns.PID, structure: "pid_namespace"},           // kernel/pid_namespace.c
		{function: "copy_utsname", does: born, from: result, kind: ns.UTS, structure: "uts_namespace"},          // kernel/utsname.c
		{function: "copy_ipcs", does: born, from: result, kind: ns.IPC, structure: "ipc_namespace"},             // ipc/namespace.c
		{function: "copy_net_ns", does: born, from: result, kind: ns.Net, structure: "net"},                     // net/core/net_namespace.c
		{function: "copy_mnt_ns", does: born, from: result, kind: ns.Mount, structure: "mnt_namespace"},         // fs/namespace.c
		{function: "copy_cgroup_ns", does: born, from: result, kind: ns.Cgroup, structure: "cgroup_namespace"},  // kernel/cgroup/namespace.c
		{function: "copy_time_ns", does: born, from: result, kind: ns.Time, structure: "time_namespace"},        // kernel/time/namespace.c
	}},
}

// kernel is what deciding needs to know about one.
type kernel interface {
	// arguments are the structures that a function's arguments point to, "" for others, and has
	// says whether there is such a function.
	arguments(function string) (structures []string, has bool)
	// offset is where a structure has a field, in bytes.
	offset(structure, field string) (uint32, error)
}

// layout is where the kernel's structures have what programs read.
type layout struct {
	inode uint32 // ns_common.inum
	kind  uint32 // ns_common.ns_type, if namespaces say of which kind they are
	user  uint32 // cred.user_ns
	// From task_struct to the names of control groups.
	cssSet, group, node, name, parent uint32
}

// hook is a function with all that its program has to know.
type hook struct {
	candidate
	// arguments is their number, and old the index of the one that is returned if nothing new was made.
	arguments, old int
	// common is where the structure has its ns_common.
	common uint32
}

// plan is what to attach.
type plan struct {
	name    string
	byInode bool
	hooks   []hook
	layout  layout
}

// decide chooses the first way that the kernel has all functions of.
func decide(k kernel) (plan, error) {
	var why []string
	for i := range ways {
		p, err := decideWay(k, &ways[i])
		if err == nil {
			return p, nil
		}
		why = append(why, fmt.Sprintf("%s: %v", ways[i].name, err))
	}
	return plan{}, fmt.Errorf("this kernel has other functions: %s", strings.Join(why, "; "))
}

func decideWay(k kernel, w *way) (plan, error) {
	p := plan{name: w.name, byInode: w.byInode}
	for _, c := range w.candidates {
		h, err := decideHook(k, c)
		if err != nil {
			return plan{}, err
		}
		p.hooks = append(p.hooks, h)
	}
	var err error
	p.layout, err = decideLayout(k, w)
	return p, err
}

func decideHook(k kernel, c candidate) (hook, error) {
	h := hook{candidate: c}
	structures, has := k.arguments(c.function)
	if !has {
		return h, fmt.Errorf("no %s", c.function)
	}
	h.arguments = len(structures)
	wanted, index := map[source]string{argument: "ns_common", result: c.structure, credentials: "cred", inode: ""}[c.from], -1
	for i := range structures {
		if structures[i] == wanted {
			index = i
			break
		}
	}
	if index < 0 || index > 0 && c.from != result {
		return h, fmt.Errorf("%s has other arguments", c.function)
	}
	h.old = index
	if c.structure == "" {
		return h, nil
	}
	var err error
	h.common, err = k.offset(c.structure, "ns")
	return h, err
}

// decideLayout looks up what the programs of a way read.
func decideLayout(k kernel, w *way) (layout, error) {
	var l layout
	fields := []struct {
		at        *uint32
		structure string
		names     []string
	}{
		{&l.inode, "ns_common", []string{"inum"}},
		{&l.cssSet, "task_struct", []string{"cgroups"}},
		{&l.group, "css_set", []string{"dfl_cgrp"}},
		{&l.node, "cgroup", []string{"kn"}},
		{&l.name, "kernfs_node", []string{"name"}},
		{&l.parent, "kernfs_node", []string{"__parent", "parent"}}, // since Linux 6.15, before
		{&l.kind, "ns_common", []string{"ns_type"}},
		{&l.user, "cred", []string{"user_ns"}},
	}
	needed := fields[:len(fields)-1]
	if w.byInode {
		needed = append(fields[:len(fields)-2:len(fields)-2], fields[len(fields)-1])
	}
	for _, f := range needed {
		var err error
		for _, name := range f.names {
			if *f.at, err = k.offset(f.structure, name); err == nil {
				break
			}
		}
		if err != nil {
			return l, err
		}
	}
	return l, nil
}
