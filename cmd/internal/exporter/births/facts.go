package births

import (
	"fmt"

	"github.com/cilium/ebpf/btf"
)

// facts is a kernel as its BTF describes it.
type facts struct{ spec *btf.Spec }

func (f facts) arguments(function string) ([]string, bool) {
	var found *btf.Func
	if err := f.spec.TypeByName(function, &found); err != nil {
		return nil, false
	}
	proto, ok := found.Type.(*btf.FuncProto)
	if !ok {
		return nil, false
	}
	structures := make([]string, len(proto.Params))
	for i, p := range proto.Params {
		if pointer, ok := btf.UnderlyingType(p.Type).(*btf.Pointer); ok {
			if s, ok := btf.UnderlyingType(pointer.Target).(*btf.Struct); ok {
				structures[i] = s.Name
			}
		}
	}
	return structures, true
}

func (f facts) offset(structure, field string) (uint32, error) {
	var found *btf.Struct
	if err := f.spec.TypeByName(structure, &found); err != nil {
		return 0, fmt.Errorf("no struct %s", structure)
	}
	if at, ok := fieldOf(found.Members, field); ok {
		return at, nil
	}
	return 0, fmt.Errorf("struct %s has no %s", structure, field)
}

// fieldOf finds a field, also in structures and unions without a name.
func fieldOf(members []btf.Member, field string) (uint32, bool) {
	for _, m := range members {
		if m.Name == field {
			return m.Offset.Bytes(), true
		}
		if m.Name != "" {
			continue
		}
		var inner []btf.Member
		switch t := btf.UnderlyingType(m.Type).(type) {
		case *btf.Struct:
			inner = t.Members
		case *btf.Union:
			inner = t.Members
		}
		if at, ok := fieldOf(inner, field); ok {
			return m.Offset.Bytes() + at, true
		}
	}
	return 0, false
}
