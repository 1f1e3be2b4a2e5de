package vethctl

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/nskit/nskit/cmd/internal/applet"
	"github.com/nskit/nskit/internal/veth"
)

// FuzzSplit wants words to come back that a line quotes, and no line to panic.
func FuzzSplit(f *testing.F) {
	f.Add(`a 'b c' "d e"f \  g\"h # x`)
	f.Add(`'' "\"'\\" '\'`)
	f.Fuzz(func(t *testing.T, line string) {
		words, err := split(line)
		if err != nil {
			return
		}
		quoted := ""
		for _, word := range words {
			quoted += " '" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		if again, err := split(quoted + " # " + "'"); err != nil || !slices.Equal(again, words) {
			t.Errorf("%q is %q, and %q is %q, %v", line, words, quoted, again, err)
		}
	})
}

// FuzzCommand reads the words of a command, and what they mean: endpoints, settings,
// places. Nothing is carried out.
func FuzzCommand(f *testing.F) {
	for _, seed := range []string{
		"add blue:a,addr=10.0.0.1/24,gw=10.0.0.2 pid:7@8:b,mtu=1300 --mtu 1400 --bridge br0,addr=10.0.0.1/24 --wait-free 1.5", "list --ns /run/x --graph=dot -o +MTU",
		"set fd:3:eth0 mac=02:00:00:00:00:01 nomaster noaddr alias= up", "move a path:x:b --bare --dry-run=ip", "wait a --timeout=500ms --operstate up --addr", "rename a b", "batch - --atomic",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, line string, inBatch bool) {
		words, err := split(line)
		inv := &applet.Invocation{Applet: &Applet, Name: "vethctl", Stdout: bufio.NewWriter(&bytes.Buffer{})}
		if err != nil {
			return
		}
		command, c, err := parse(inv, words, inBatch)
		if err != nil {
			if err.Error() == "" {
				t.Errorf("%q: an error without a text", words)
			}
			return
		}
		if len(c.operands) < command.least || command.most >= 0 && len(c.operands) > command.most || c.chosen.patience < 0 || c.chosen.wait.Timeout < 0 {
			t.Errorf("%q: %+v", words, c)
		}
		understand(command.name, c)
	})
}

// understand reads the operands as the command does.
func understand(name string, c *call) {
	if name == "add" {
		c.addSpec()
	}
	for _, operand := range c.operands {
		veth.ParseTarget(operand)
		if end, err := veth.ParseLink(operand); err == nil {
			veth.ParseSettings(end.String(), c.operands)
		}
	}
}
