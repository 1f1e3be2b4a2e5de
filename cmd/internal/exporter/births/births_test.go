package births

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/ns"
)

// fake is a kernel of a test: the structures of functions' arguments, and where fields are.
type fake struct {
	functions map[string][]string
	fields    map[string]uint32
}

func (f fake) arguments(function string) ([]string, bool) {
	structures, has := f.functions[function]
	return structures, has
}

func (f fake) offset(structure, field string) (uint32, error) {
	if at, has := f.fields[structure+"."+field]; has {
		return at, nil
	}
	return 0, errors.New("no " + structure + "." + field)
}

// old is like Linux 6.1, recent like 7.3.
func old() fake {
	f := fake{map[string][]string{
		"proc_free_inum": {""}, "create_user_ns": {"cred"}, "copy_pid_ns": {"", "user_namespace", "pid_namespace"}, "copy_utsname": {"", "user_namespace", "uts_namespace"},
		"copy_ipcs": {"", "user_namespace", "ipc_namespace"}, "copy_net_ns": {"", "user_namespace", "net"}, "copy_mnt_ns": {"", "mnt_namespace", "user_namespace", "fs_struct"},
		"copy_cgroup_ns": {"", "user_namespace", "cgroup_namespace"}, "copy_time_ns": {"", "user_namespace", "time_namespace"},
	}, map[string]uint32{"ns_common.inum": 16, "task_struct.cgroups": 3000, "css_set.dfl_cgrp": 136, "cgroup.kn": 264, "kernfs_node.name": 16, "kernfs_node.parent": 8, "cred.user_ns": 152}}
	for i, s := range []string{"user_namespace", "pid_namespace", "uts_namespace", "ipc_namespace", "net", "mnt_namespace", "cgroup_namespace", "time_namespace"} {
		f.fields[s+".ns"] = uint32(8 * i)
	}
	return f
}

func recent() fake {
	f := old()
	f.functions["__ns_tree_add_raw"], f.functions["__ns_tree_remove"] = []string{"ns_common", "ns_tree"}, []string{"ns_common", "ns_tree"}
	f.fields["ns_common.ns_type"], f.fields["kernfs_node.__parent"] = 4, 9
	return f
}

func TestDecide(t *testing.T) {
	without := func(f fake, names ...string) fake {
		for _, name := range names {
			delete(f.functions, name)
			delete(f.fields, name)
		}
		return f
	}
	with := func(f fake, function string, arguments ...string) fake {
		f.functions[function] = arguments
		return f
	}
	for _, tt := range []struct {
		name string
		k    fake
		// want is a part of the way's name, or of the error after "!".
		want  string
		hooks int
	}{
		{"6.1", old(), "copy", 9},
		{"7.3", recent(), "tree", 2},
		{"7.3 with one function gone", without(recent(), "__ns_tree_remove"), "copy", 9},
		{"7.3 with other arguments", with(recent(), "__ns_tree_add_raw", "ns_tree", "ns_common"), "copy", 9},
		{"7.3 without the kind", without(recent(), "ns_common.ns_type"), "copy", 9},
		{"7.3 without what 6.1 has", without(recent(), "proc_free_inum", "copy_net_ns", "net.ns", "cred.user_ns", "kernfs_node.parent"), "tree", 2},
		{"no function", without(old(), "copy_time_ns"), "!no copy_time_ns", 0},
		{"no old one", with(old(), "copy_net_ns", "", "user_namespace"), "!copy_net_ns has other arguments", 0},
		{"a structure for a number", with(old(), "proc_free_inum", "ns_common"), "!proc_free_inum has other arguments", 0},
		{"no arguments", with(old(), "create_user_ns"), "!create_user_ns has other arguments", 0},
		{"no control groups", without(old(), "css_set.dfl_cgrp"), "!no css_set.dfl_cgrp", 0},
		{"no user", without(old(), "cred.user_ns"), "!no cred.user_ns", 0},
		{"nothing", fake{}, "!this kernel has other functions", 0},
	} {
		p, err := decide(tt.k)
		got := p.name
		if err != nil {
			got = "!" + err.Error()
		}
		part, fails := strings.CutPrefix(tt.want, "!")
		if !strings.Contains(got, part) || fails != (err != nil) || len(p.hooks) != tt.hooks {
			t.Errorf("%s: %s, %d hooks", tt.name, got, len(p.hooks))
		}
	}
	p, _ := decide(old())
	for _, h := range p.hooks {
		if h.function == "copy_mnt_ns" && (h.old != 1 || h.arguments != 4 || h.common != 40) || h.function == "copy_net_ns" && h.old != 2 {
			t.Errorf("%+v", h)
		}
	}
	if !p.byInode || p.layout.parent != 8 || p.layout.user != 152 || p.layout.inode != 16 || p.hooks[0].does != died {
		t.Errorf("%+v", p)
	}
	if p, _ := decide(recent()); p.byInode || p.layout.parent != 9 || p.layout.kind != 4 || p.hooks[0].does != died {
		t.Errorf("%+v", p)
	}
}

// TestWays: every way sees every kind be born, and all end.
func TestWays(t *testing.T) {
	for _, w := range ways {
		kinds, ends := map[ns.Kind]bool{}, 0
		for _, c := range w.candidates {
			switch {
			case c.does == died:
				ends++
			case c.from == argument:
				for _, kind := range ns.Kinds() {
					kinds[kind] = true
				}
			default:
				kinds[c.kind] = true
			}
		}
		if len(kinds) != int(ns.KindCount) || ends != 1 {
			t.Errorf("%s: %v, %d", w.name, slices.Collect(maps.Keys(kinds)), ends)
		}
	}
}

// TestProgram: every instruction can be encoded, leads to one that is there, and stays on the stack.
func TestProgram(t *testing.T) {
	for _, k := range []fake{old(), recent()} {
		p, err := decide(k)
		if err != nil {
			t.Fatal(err)
		}
		spec := collection(p)
		for name, program := range spec.Programs {
			checkProgram(t, name, program.Instructions)
		}
		if len(spec.Programs) != len(p.hooks) {
			t.Errorf("%d programs", len(spec.Programs))
		}
	}
}

func checkProgram(t *testing.T, name string, all asm.Instructions) {
	t.Helper()
	labels, used := map[string]int{}, map[string]bool{}
	for i, in := range all {
		if in.OpCode == asm.InvalidOpCode {
			t.Errorf("%s: instruction %d is none", name, i)
		}
		if symbol := in.Symbol(); symbol != "" {
			labels[symbol]++
		}
		if in.Reference() != "" && in.OpCode.Class().IsJump() {
			used[in.Reference()] = true
		}
		if !in.OpCode.Class().IsALU() && !in.OpCode.Class().IsJump() && (in.Dst == asm.RFP || in.Src == asm.RFP) && (in.Offset < -512 || in.Offset >= 0) {
			t.Errorf("%s: instruction %d is beside the stack: %d", name, i, in.Offset)
		}
	}
	for label := range used {
		if labels[label] != 1 {
			t.Errorf("%s: %d labels %s", name, labels[label], label)
		}
	}
	if last := all[len(all)-1]; last.OpCode != asm.Return().OpCode {
		t.Errorf("%s ends with %v", name, last)
	}
}

func TestDecode(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	record := encodeKnown(ns.Net)
	if _, ok := decode(1, record); ok {
		t.Error("one that was there before has a creator")
	}
	binary.NativeEndian.PutUint64(record[timeAt:], 7)
	binary.NativeEndian.PutUint32(record[pidAt:], 9)
	copy(record[commandAt:groupsAt], "fifteen letters\x00")
	for i, name := range []string{"init", "docker-" + id + ".scope", "system.slice", ""} {
		copy(record[groupsAt+i*nameSize:], name)
	}
	want := Birth{ns.Net, 1, 9, "fifteen letters", containers.Ref{Runtime: containers.Docker, ID: id}, 7}
	if got, ok := decode(1, record); !ok || got != want {
		t.Errorf("%+v", got)
	}
	copy(record[commandAt:groupsAt], "a\xff\x00b")
	copy(record[groupsAt+nameSize:], "user.slice\x00")
	if got, _ := decode(1, record); got.Command != "a?" || got.Container.ID != "" {
		t.Errorf("%+v", got)
	}
	// A name that has no end is cut.
	copy(record[groupsAt:], strings.Repeat("x", nameSize))
	if got := groupPath(record[groupsAt:]); !strings.HasSuffix(got, "/"+strings.Repeat("x", nameSize)) {
		t.Error(got)
	}
}

func TestDecodeCounts(t *testing.T) {
	var all [counters]uint64
	all[2*ns.Net], all[2*ns.Net+1], all[lostCounter] = 5, 3, 1
	c := decodeCounts(all)
	if c.Created[ns.Net] != 5 || c.Destroyed[ns.Net] != 3 || c.Lost != 1 || c.Created[ns.User] != 0 {
		t.Errorf("%+v", c)
	}
}

// TestFacts reads a description as a kernel has it.
func TestFacts(t *testing.T) {
	number := &btf.Int{Name: "unsigned int", Size: 4}
	common := &btf.Struct{Name: "ns_common", Size: 24, Members: []btf.Member{
		{Name: "stashed", Type: number}, {Type: &btf.Union{Size: 8, Members: []btf.Member{{Type: &btf.Struct{Size: 8, Members: []btf.Member{
			{Name: "a", Type: number}, {Name: "inum", Type: number, Offset: 32}}}}}}, Offset: 64}}}
	proto := &btf.FuncProto{Return: &btf.Void{}, Params: []btf.FuncParam{
		{Name: "ns", Type: &btf.Pointer{Target: &btf.Const{Type: common}}}, {Name: "n", Type: number}, {Name: "p", Type: &btf.Pointer{Target: number}}}}
	builder, err := btf.NewBuilder([]btf.Type{common, &btf.Func{Name: "f", Type: proto, Linkage: btf.GlobalFunc}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := builder.Marshal(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := btf.LoadSpecFromReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	k := facts{spec}
	if got, has := k.arguments("f"); !has || !slices.Equal(got, []string{"ns_common", "", ""}) {
		t.Errorf("%q %v", got, has)
	}
	if _, has := k.arguments("g"); has {
		t.Error("g")
	}
	if at, err := k.offset("ns_common", "inum"); err != nil || at != 12 {
		t.Errorf("%d %v", at, err)
	}
	for _, missing := range [][2]string{{"ns_common", "b"}, {"net", "ns"}} {
		if _, err := k.offset(missing[0], missing[1]); err == nil {
			t.Error(missing)
		}
	}
}
