package vethctl

import (
	"fmt"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/veth"
	"github.com/nskit/nskit/internal/visible"
)

// errFinal refuses what an atomic batch could not roll back.
func errFinal(subject string) error {
	return &applet.Error{Text: subject + ": this cannot be rolled back: the peer cannot be reached, or the link is not part of a veth pair"}
}

// carryOut runs a plan, or prints it.
func (c *call) carryOut(plan *veth.Plan, err error) error {
	switch {
	case err != nil:
		return err
	case c.chosen.dryRun != "":
		c.printPlan(plan)
		return nil
	case c.chosen.atomic && plan.Final:
		return errFinal(c.operands[0])
	}
	err = c.session.Run(plan)
	if err == nil && plan.Final {
		c.session.Forget()
	}
	return err
}

func (c *call) printPlan(plan *veth.Plan) {
	form := func(step *veth.Step) string { return visible.Text(step.String()) }
	if c.chosen.dryRun == "ip" {
		form = (*veth.Step).IPCommand
	}
	for _, line := range plan.Describe(form) {
		fmt.Fprintln(c.inv.Stdout, line)
	}
}

func add(c *call) error {
	spec, err := c.addSpec()
	if err != nil {
		return err
	}
	if c.chosen.dryRun != "" {
		return c.carryOut(c.session.PlanAdd(spec, c.chosen.mode))
	}
	plan, err := c.session.Add(spec, c.chosen.mode, c.chosen.patience)
	if err != nil || !c.chosen.json {
		return err
	}
	return c.printEnds(plan.Ends)
}

// addSpec reads what the command line asks for.
func (c *call) addSpec() (*veth.AddSpec, error) {
	spec := &veth.AddSpec{Kind: c.chosen.kind, MTU: c.chosen.mtu, Loopback: c.chosen.loopback}
	for i, end := range []*veth.End{&spec.A, &spec.B} {
		var err error
		if *end, err = veth.ParseEnd(c.operands[i]); err != nil {
			return nil, err
		}
	}
	if bridge := c.chosen.bridge; bridge != nil {
		if bridge.NS.Kind != veth.Own && bridge.NS != spec.A.NS {
			return nil, &applet.Error{Text: "--bridge: " + bridge.String() + ": the bridge is in the first endpoint's namespace", Code: usageCode}
		}
		spec.Bridge = *bridge
		spec.Bridge.NS = spec.A.NS
	}
	return spec, nil
}

func set(c *call) error {
	end, err := c.link(0)
	if err != nil {
		return err
	}
	if end.Settings, err = veth.ParseSettings(end.String(), c.operands[1:]); err != nil {
		return err
	}
	return c.carryOut(c.session.PlanSet(end, c.chosen.both))
}

func move(c *call) error {
	end, err := c.link(0)
	if err != nil {
		return err
	}
	ns, name, err := veth.ParseTarget(c.operands[1])
	if err != nil {
		return err
	}
	return c.carryOutLossy(c.session.PlanMove(end, ns, name, c.chosen.bare))
}

// carryOutLossy is carryOut for a plan that may lose something, which it names.
func (c *call) carryOutLossy(plan *veth.Plan, err error) error {
	if err = c.carryOut(plan, err); err == nil {
		for _, lost := range c.session.Lost() {
			fmt.Fprintln(c.inv.Stdout, "lost: "+visible.Text(lost))
		}
	}
	return err
}

func rename(c *call) error {
	end, err := c.link(0)
	if err != nil {
		return err
	}
	return c.carryOutLossy(c.session.PlanRename(end, c.operands[1]))
}

func del(c *call) error {
	switch {
	case c.chosen.orphans && len(c.operands) > 0:
		return misuse("del", "del: --orphans takes no endpoint")
	case c.chosen.orphans:
		return c.delOrphans()
	case len(c.operands) == 0:
		return missingOperand("del", "<endpoint>")
	case c.chosen.ns != nil || c.chosen.where != nil:
		return misuse("del", "del: --ns and --where need --orphans")
	}
	end, err := c.link(0)
	if err != nil {
		return err
	}
	plan, err := c.session.PlanDelete(end, c.chosen.atomic)
	if err = c.carryOut(plan, err); c.chosen.ifExists && veth.KindOf(err) == veth.NotFound {
		return nil
	}
	return err
}

func wait(c *call) error {
	end, err := c.link(0)
	if err != nil {
		return err
	}
	want := c.chosen.wait
	if !want.Carrier && !want.Addrs && want.OperState == nil {
		want.Carrier, want.Addrs = true, true
	}
	return c.session.Wait(end, want)
}
