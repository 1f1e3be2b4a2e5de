package veth

import (
	"strings"
	"testing"
)

func TestParseNS(t *testing.T) {
	for _, tt := range []struct {
		text string
		want NS
		back string // what String writes, "" for text itself
		err  string
	}{
		{text: ".", want: NS{}},
		{text: "42", want: NS{Kind: Digits, Number: 42}},
		{text: "42@4026531840", want: NS{Kind: Digits, Number: 42, Inode: 4026531840}},
		{text: "pid:42", want: NS{Kind: ByPID, Number: 42}},
		{text: "pid:42@7", want: NS{Kind: ByPID, Number: 42, Inode: 7}},
		{text: "fd:0", want: NS{Kind: ByFD}},
		{text: "fd:7@9", want: NS{Kind: ByFD, Number: 7, Inode: 9}},
		{text: "blue", want: NS{Kind: ByName, Text: "blue"}},
		{text: "blue@1", want: NS{Kind: ByName, Text: "blue@1"}},
		{text: "name:blue", want: NS{Kind: ByName, Text: "blue"}, back: "blue"},
		{text: "name:42", want: NS{Kind: ByName, Text: "42"}},
		{text: "name:pid", want: NS{Kind: ByName, Text: "pid"}},
		{text: "/run/netns/a:b", want: NS{Kind: ByPath, Text: "/run/netns/a:b"}},
		{text: "path:x/y", want: NS{Kind: ByPath, Text: "x/y"}},
		{text: "path:/x", want: NS{Kind: ByPath, Text: "/x"}, back: "/x"},
		{text: "", err: "a namespace is missing"},
		{text: "pid", err: "pid: a colon and a value must follow"},
		{text: "pid:", err: "invalid number: ''"},
		{text: "pid:0", err: "invalid number: '0'"},
		{text: "pid:+1", err: "invalid number: '+1'"},
		{text: "0", err: "invalid number: '0'"},
		{text: "4294967296", err: "invalid number"},
		{text: "pid:7@", err: "invalid inode number: ''"},
		{text: "pid:7@0", err: "invalid inode number: '0'"},
		{text: "pid:7@x", err: "invalid inode number: 'x'"},
		{text: "inode:7", err: "unknown kind of namespace: 'inode:'"},
		{text: "path:", err: "a path is missing"},
		{text: "name:", err: "invalid namespace name: ''"},
		{text: "a/b", err: "invalid namespace name: 'a/b'"},
		{text: "..", err: "invalid namespace name: '..'"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParseNS(tt.text)
			if !says(err, tt.err) || got != tt.want {
				t.Fatalf("%+v, %v; want %+v, %q", got, err, tt.want, tt.err)
			}
			if back := tt.back; err == nil {
				if back == "" {
					back = tt.text
				}
				if got.String() != back {
					t.Errorf("written %q, want %q", got.String(), back)
				}
			}
		})
	}
}

// says holds an error against the text that must be in it, "" for none at all.
func says(err error, text string) bool {
	if text == "" {
		return err == nil
	}
	return err != nil && strings.Contains(err.Error(), text)
}

func TestParseLink(t *testing.T) {
	for _, tt := range []struct{ text, ns, name, err string }{
		{text: "ve0", ns: ".", name: "ve0"},
		{text: ".:ve0", ns: ".", name: "ve0"},
		{text: "blue:eth0", ns: "blue", name: "eth0"},
		{text: "42:eth0", ns: "42", name: "eth0"},
		{text: "pid:42@7:eth0", ns: "pid:42@7", name: "eth0"},
		{text: "/run/a:b:eth0", ns: "/run/a:b", name: "eth0"},
		{text: "auto", ns: ".", name: "veth%d"},
		{text: "br%d", ns: ".", name: "br%d"},
		{text: "", err: "a link's name is missing"},
		{text: "blue:", err: "a link's name is missing"},
		{text: "pid:42", err: "a colon and a value must follow"},
		{text: ":eth0", err: "a namespace is missing"},
		{text: "an.alternative.name/with a:b", ns: "an.alternative.name/with a", err: "invalid namespace name"},
		{text: ".:an.alternative.name/with a,b", ns: ".", name: "an.alternative.name/with a,b"},
		{text: strings.Repeat("x", 127), ns: ".", name: strings.Repeat("x", 127)},
		{text: strings.Repeat("x", 128), err: "an alternative name 127, this one 128"},
		{text: "a\x00b", err: "no zero byte"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			end, err := ParseLink(tt.text)
			if !says(err, tt.err) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if err == nil && (end.NS.String() != tt.ns || end.Name != tt.name) {
				t.Errorf("%q in %q", end.Name, end.NS)
			}
			if err != nil && KindOf(err) != Invalid {
				t.Errorf("kind %v", KindOf(err))
			}
		})
	}
}

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct{ text, ns, name, err string }{
		{text: ".", ns: "."},
		{text: ".:eth1", ns: ".", name: "eth1"},
		{text: "42", ns: "42"},
		{text: "42:eth1", ns: "42", name: "eth1"},
		{text: "pid:42", ns: "pid:42"},
		{text: "pid:42:eth1", ns: "pid:42", name: "eth1"},
		{text: "name:blue:eth1", ns: "blue", name: "eth1"},
		{text: "/run/netns/x", ns: "/run/netns/x"},
		{text: "/run/netns/x:eth1", ns: "/run/netns/x", name: "eth1"},
		{text: "path:/x", ns: "/x"},
		{text: "path:/x:eth1", ns: "/x", name: "eth1"},
		{text: "bogus:", err: "a link's name is missing"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			ns, name, err := ParseTarget(tt.text)
			if !says(err, tt.err) || err == nil && (ns.String() != tt.ns || name != tt.name) {
				t.Errorf("%q, %q, %v", ns, name, err)
			}
		})
	}
}

func TestNewNames(t *testing.T) {
	for text, want := range map[string]string{
		"abcdefghijklmnop": "at most 15 bytes, this one 16",
		"a/b":              "no slash",
		"a b":              "no slash, colon or blank",
		"voil\u00e0":       "no slash, colon or blank", // ends in the byte a0
		"caf\u00e9":        "",
		"a,b":              "",
		"all":              "the kernel keeps this name",
		"default":          "the kernel keeps this name",
		"..":               "the kernel keeps this name",
		"a%s":              "only one %d",
		"%d%d":             "only one %d",
		"%d":               "",
	} {
		end, err := ParseEnd("blue:" + strings.ReplaceAll(text, ",", `\,`) + ",mtu=1400")
		if !says(err, want) || err != nil && KindOf(err) != Invalid || err == nil && (end.Name != text || end.MTU != 1400) {
			t.Errorf("%q: %+v, %v, want %q", text, end, err, want)
		}
		if err := CheckName(text); !says(err, want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestParseEndRefuses(t *testing.T) {
	for keys, want := range map[string]string{
		"bogus":                             "no such key",
		"bogus=1":                           "no such key",
		"mtu":                               "mtu= needs a value",
		"up=1":                              "up takes no value",
		"mtu=67":                            "must be a number from 68 to 2147483647",
		"mtu=-1":                            "must be a number",
		"txqlen=2147483648":                 "must be a number from 0 to 2147483647",
		"queues=0":                          "must be a number from 1 to 4096",
		"group=x":                           "must be a number",
		"mac=1:2:3":                         "no such Ethernet address",
		"mac=00:00:00:00:00:00":             "not an address that a link can have",
		"mac=01:00:5e:00:00:01":             "not an address that a link can have",
		"mac=02:00:00:00:00:00:00:01":       "no such Ethernet address",
		"addr=":                             "no such address",
		"addr=10.0.0.256/24":                "no such address",
		"addr=10.0.0.1/33":                  "no such address",
		"addr=0.0.0.0/0":                    "not an address that a link can have",
		"addr=224.0.0.1/24":                 "not an address that a link can have",
		"addr=255.255.255.255/8":            "not an address that a link can have",
		"addr=ff02::1/64":                   "not an address that a link can have",
		"addr=fe80::1%eth0":                 "no such address",
		"gw=10.0.0.0/24":                    "no such gateway",
		"gw=::":                             "no such gateway",
		"route=10.0.0.1/24":                 "10.0.0.0/24 has not",
		"route=10.0.0.0/24@fd00::1":         "different families",
		"route=10.0.0.0/24@":                "no such gateway",
		"route=@10.0.0.1":                   "no such destination",
		"dad=yes":                           "must be on or off",
		"master=a\x00b":                     "no zero byte",
		"alias=" + strings.Repeat("x", 256): "at most 255 bytes",
	} {
		if _, err := ParseEnd("blue:eth0," + keys); !says(err, want) || KindOf(err) != Invalid {
			t.Errorf("%s: %v, want %q", keys, err, want)
		}
	}
}

func TestCheckAdd(t *testing.T) {
	for _, tt := range []struct{ a, b, err string }{
		{a: "x", b: "y"},
		{a: "x", b: "blue:x"},
		{a: "auto", b: "auto"},
		{a: "x", b: "x", err: "both endpoints have this name"},
		{a: "x,addr=10.0.0.1/24,gw=10.0.0.254", b: "y"},
		{a: "x,addr=10.0.0.1/24,gw=10.0.1.1", b: "y", err: "gateway 10.0.1.1 is outside every address of this endpoint"},
		{a: "x,gw=10.0.1.1", b: "y", err: "outside every address"},
		{a: "x,addr=10.0.0.1/24,gw=10.0.0.1", b: "y", err: "is the endpoint's own address"},
		{a: "x,addr=10.0.0.1/24,gw=10.0.0.2,gw=10.0.0.3", b: "y", err: "route to 0.0.0.0/0 is given twice"},
		{a: "x,addr=10.0.0.1/24,addr=fd00::1/64,gw=10.0.0.2,gw=fd00::2", b: "y"},
		{a: "x,gw=fe80::1", b: "y"},
		{a: "x,addr=10.0.0.1,route=169.254.1.1,gw=169.254.1.1", b: "y"},
		{a: "x,addr=10.0.0.1/24,route=10.1.0.0/16@10.0.0.2", b: "y"},
		{a: "x,addr=10.0.0.1/24,route=10.1.0.0/16@10.2.0.2", b: "y", err: "gateway 10.2.0.2 is outside"},
		{a: "x", b: "y,addr=10.0.0.1/24,addr=10.0.0.1/16", err: "y: address 10.0.0.1 is given twice"},
		{a: "x,down,addr=10.0.0.1/24,gw=10.0.0.2", b: "y", err: "a link that is down has no routes"},
		{a: "x,nomaster", b: "y", err: "nothing to remove"},
		{a: "x,noaddr", b: "y", err: "nothing to remove"},
		{a: "x,pin-mac", b: "y", err: "pin-mac goes with master="},
		{a: "x,master=x", b: "y", err: "is its own master"},
	} {
		t.Run(tt.a+" "+tt.b, func(t *testing.T) {
			a, err := ParseEnd(tt.a)
			if err != nil {
				t.Fatal(err)
			}
			b, err := ParseEnd(tt.b)
			if err != nil {
				t.Fatal(err)
			}
			if err := checkAdd(&a, &b); !says(err, tt.err) {
				t.Errorf("%v, want %q", err, tt.err)
			}
		})
	}
}
