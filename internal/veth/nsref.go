package veth

import (
	"strconv"
	"strings"
)

// NSKind is the way in which a namespace is named.
type NSKind uint8

const (
	// Own is the network namespace in which the session was opened, written ".".
	Own NSKind = iota
	// Digits is a bare number: a name below /run/netns if there is one, else a PID.
	Digits
	// ByName is a name below /run/netns, as ip-netns(8) makes them.
	ByName
	// ByPath is a path to a namespace file: a bind mount or /proc/PID/ns/net.
	ByPath
	// ByPID is the namespace of a process.
	ByPID
	// ByFD is an open descriptor of the calling process.
	ByFD
	// ByContainer is the namespace of a container, which Options.Container finds.
	ByContainer
)

// String is the kind in a word.
func (k NSKind) String() string {
	return word(int(k), "own", "digits", "name", "path", "pid", "fd", "ctr")
}

// NS names a network namespace; the zero value is the session's own.
type NS struct {
	Kind NSKind
	// Text is the name or the path.
	Text string
	// Number is the PID or the descriptor.
	Number int
	// Inode is what the namespace must turn out to be, 0 for anything. It is
	// the guard against a PID that has been given to another process.
	Inode uint64
}

// isInit says that process 1 was named: its number is never another process's.
func (ns NS) isInit() bool { return (ns.Kind == Digits || ns.Kind == ByPID) && ns.Number == 1 }

// String writes the reference as [ParseNS] reads it.
func (ns NS) String() string {
	text := ""
	switch ns.Kind {
	case Own:
		return "."
	case Digits:
		text = strconv.Itoa(ns.Number)
	case ByName:
		text = ns.Text
		if explicitKind(text) != nil || isNumber(text) || text == "." {
			text = "name:" + text
		}
	case ByPath:
		text = ns.Text
		if !strings.HasPrefix(text, "/") {
			text = "path:" + text
		}
	case ByPID:
		text = "pid:" + strconv.Itoa(ns.Number)
	case ByContainer:
		text = "ctr:" + ns.Text
	case ByFD:
		text = "fd:" + strconv.Itoa(ns.Number)
	}
	if ns.Inode != 0 {
		text += "@" + strconv.FormatUint(ns.Inode, 10)
	}
	return text
}

// ParseNS reads a namespace reference: ".", a PID, a /path, a name below
// /run/netns, or one of pid:N, fd:N, path:P, name:N and ctr:CONTAINER. A number may be
// followed by @INODE. The error is an [Error] of kind Invalid.
func ParseNS(text string) (NS, error) {
	kind, rest, explicit := strings.Cut(text, ":")
	switch {
	case text == "":
		return NS{}, invalid("", "a namespace is missing")
	case text == ".":
		return NS{}, nil
	case text[0] == '/':
		return NS{Kind: ByPath, Text: text}, nil
	case !explicit && explicitKind(text) != nil:
		return NS{}, invalid(text, "a colon and a value must follow")
	case !explicit && isNumber(text):
		return parseNumberedNS(text, Digits, text)
	case !explicit:
		return parseNamedNS(text, text)
	case explicitKind(kind) == nil:
		return NS{}, invalid(text, "unknown kind of namespace: '"+kind+":' (use pid, path, name, ctr or fd)")
	}
	switch k := *explicitKind(kind); k {
	case ByName:
		return parseNamedNS(text, rest)
	case ByContainer:
		if rest == "" || strings.Contains(rest, ":") {
			return NS{}, invalid(text, "invalid container name: '"+rest+"'")
		}
		return NS{Kind: ByContainer, Text: rest}, nil
	case ByPath:
		if rest == "" {
			return NS{}, invalid(text, "a path is missing")
		}
		return NS{Kind: ByPath, Text: rest}, nil
	default:
		return parseNumberedNS(text, k, rest)
	}
}

// explicitKind returns the kind that a prefix stands for, nil for no prefix.
func explicitKind(prefix string) *NSKind {
	kinds := [...]struct {
		prefix string
		kind   NSKind
	}{{"pid", ByPID}, {"path", ByPath}, {"name", ByName}, {"fd", ByFD}, {"ctr", ByContainer}}
	for i := range kinds {
		if kinds[i].prefix == prefix {
			return &kinds[i].kind
		}
	}
	return nil
}

// isNumber says whether text is digits, with or without an @INODE behind them.
func isNumber(text string) bool {
	number, inode, pinned := strings.Cut(text, "@")
	return isDigits(number) && (!pinned || isDigits(inode))
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func parseNumberedNS(text string, kind NSKind, rest string) (NS, error) {
	number, inode, pinned := strings.Cut(rest, "@")
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || !isDigits(number) || n == 0 && kind != ByFD {
		return NS{}, invalid(text, "invalid number: '"+number+"'")
	}
	ns := NS{Kind: kind, Number: int(n)}
	if !pinned {
		return ns, nil
	}
	if ns.Inode, err = strconv.ParseUint(inode, 10, 64); err != nil || ns.Inode == 0 {
		return NS{}, invalid(text, "invalid inode number: '"+inode+"'")
	}
	return ns, nil
}

func parseNamedNS(text, name string) (NS, error) {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/:") {
		return NS{}, invalid(text, "invalid namespace name: '"+name+"'")
	}
	return NS{Kind: ByName, Text: name}, nil
}
