package vethctl

import "github.com/nskit/nskit/internal/veth"

// kind adds the option for the kind of a new pair.
func (o options) kind(c *choices) {
	o.with("", "kind", "kind", "kind of the pair: veth or netkit", func(text string) error {
		var ok bool
		if c.kind, ok = veth.ParsePairKind(text); !ok {
			return misuse(o.Name(), "--kind: unknown kind: '"+text+"' (veth, netkit, netkit,l2, netkit,l3)")
		}
		return nil
	}, "veth", "netkit", "netkit,l2", "netkit,l3")
}
