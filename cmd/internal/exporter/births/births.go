// Package births counts the namespaces of a host where the kernel makes and frees them, those
// that live for a moment among them, and knows who made each one that is alive.
//
// The kernel tells what its functions and structures look like (BTF: [readFacts]); [decide] chooses
// functions from a table of candidates and lists what to do in each; [program] writes
// that as eBPF instructions; [Open] loads and attaches them. Programs do nothing but count in one map
// and keep records in another: there is no queue that could overflow, and nothing of nskit's runs
// while nobody asks. What has no room is counted, too.
//
// It needs Linux 5.17, with BTF and the tracing of functions (on arm64 6.4), CAP_BPF and CAP_PERFMON.
package births

import (
	"errors"
	"fmt"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/link"
	"github.com/nskit/nskit/pkg/containers"
	"github.com/nskit/nskit/pkg/ns"
)

// capacity is how many namespaces can have a record at a time. One takes some 450 bytes of the kernel's
// memory while it is there.
const capacity = 1 << 14

// Counts are those since [Open].
type Counts struct {
	// Created and Destroyed are by kind.
	Created, Destroyed [ns.KindCount]uint64
	// Lost are the namespaces for whose record there was no room, so that their creator is not known.
	Lost uint64
}

// Birth is how a namespace came to be.
type Birth struct {
	Kind  ns.Kind
	Inode uint32
	// PID, in the first PID namespace, and Command, at most 15 bytes, are its creator's, which may have ended.
	PID     int
	Command string
	// Container is that of the creator, if its control group names one.
	Container containers.Ref
	// Since is the time since boot.
	Since time.Duration
}

// Tracker watches namespaces until [Tracker.Close].
type Tracker struct {
	// Way names the functions that are watched.
	Way string

	loaded *ebpf.Collection
	links  []link.Link
}

// Open begins to watch. Of the namespaces there are by then, known says the kind by the inode:
// some kernels do not tell of which kind a namespace is that ends.
func Open(known func() (map[uint32]ns.Kind, error)) (*Tracker, error) {
	described := btf.NewCache()
	spec, err := described.Kernel()
	if err != nil {
		return nil, fmt.Errorf("the kernel does not describe itself (BTF): %w", err)
	}
	plan, err := decide(facts{spec})
	if err != nil {
		return nil, err
	}
	t := &Tracker{Way: plan.name}
	if t.loaded, err = ebpf.NewCollectionWithOptions(collection(plan), ebpf.CollectionOptions{Programs: ebpf.ProgramOptions{LogDisabled: true}, Cache: described}); err != nil {
		return nil, err
	}
	err = t.attach(plan.hooks)
	if err == nil && plan.byInode {
		err = t.introduce(known)
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// The names of the maps.
const (
	countersMap = "nskit_counters"
	aliveMap    = "nskit_alive"
)

// noPrealloc is BPF_F_NO_PREALLOC of include/uapi/linux/bpf.h: only records that are there take memory.
const noPrealloc = 1

// licence is what the kernel asks for of programs that read its memory. The instructions that
// program.go writes may be used under the GNU GPL, version 2, as well.
const licence = "GPL"

// collection is what is to be loaded; each program has the name of its function.
func collection(p plan) *ebpf.CollectionSpec {
	spec := &ebpf.CollectionSpec{
		Maps: map[string]*ebpf.MapSpec{
			countersMap: {Name: countersMap, Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: uint32(counters)},
			aliveMap:    {Name: aliveMap, Type: ebpf.Hash, KeySize: 4, ValueSize: recordSize, MaxEntries: capacity, Flags: noPrealloc},
		},
		Programs: map[string]*ebpf.ProgramSpec{},
	}
	for _, h := range p.hooks {
		at := ebpf.AttachTraceFEntry
		if h.from.atReturn() {
			at = ebpf.AttachTraceFExit
		}
		spec.Programs[h.function] = &ebpf.ProgramSpec{Name: "nskit_" + h.does.String(), Type: ebpf.Tracing, AttachType: at,
			AttachTo: h.function, License: licence, Instructions: program(h, p.layout)}
	}
	return spec
}

// attach begins with the programs for ends, which a plan has first: what is born later is seen to end.
func (t *Tracker) attach(hooks []hook) error {
	for _, h := range hooks {
		l, err := link.AttachTracing(link.TracingOptions{Program: t.loaded.Programs[h.function]})
		if err != nil {
			return fmt.Errorf("%s: %w", h.function, err)
		}
		t.links = append(t.links, l)
	}
	return nil
}

// introduce makes records, without a creator, of namespaces that were there before.
func (t *Tracker) introduce(known func() (map[uint32]ns.Kind, error)) error {
	all, err := known()
	if err != nil {
		return err
	}
	for inode, kind := range all {
		err := t.loaded.Maps[aliveMap].Update(inode, encodeKnown(kind), ebpf.UpdateNoExist)
		if err != nil && !errors.Is(err, ebpf.ErrKeyExist) {
			return fmt.Errorf("bpf(2): %w", err)
		}
	}
	return nil
}

// Counts reads the counters.
func (t *Tracker) Counts() (Counts, error) {
	var all [counters]uint64
	for i := range all {
		if err := t.loaded.Maps[countersMap].Lookup(uint32(i), &all[i]); err != nil {
			return Counts{}, err
		}
	}
	return decodeCounts(all), nil
}

// Alive lists the namespaces that were made since [Open] and are there.
func (t *Tracker) Alive() ([]Birth, error) {
	var found []Birth
	var inode uint32
	var record [recordSize]byte
	each := t.loaded.Maps[aliveMap].Iterate()
	for each.Next(&inode, &record) {
		if b, ok := decode(inode, record[:]); ok {
			found = append(found, b)
		}
	}
	if err := each.Err(); err != nil && !errors.Is(err, ebpf.ErrIterationAborted) { // namespaces come and go meanwhile
		return nil, err
	}
	return found, nil
}

// Close ends the watching. The kernel does it as well when the process ends.
func (t *Tracker) Close() {
	for _, l := range t.links {
		_ = l.Close()
	}
	t.loaded.Close()
}
