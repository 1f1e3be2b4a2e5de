package arch

// rule is something that the source tree keeps, and why.
type rule struct {
	name, reason string
	check        func(*tree) []finding
}

// rules are all that a parsed tree is held to.
var rules = []rule{
	{"imports point downward",
		"cmd decides what to ask of launch, census and veth; these build on trampoline and program, and these on ns, idmap and mnt. " +
			"An arrow upwards or sideways (applet to applet) makes two things one, that can only be understood and changed together.",
		directions},
	{"tests' tools stay out of the binary",
		"every package linked in is paid for by every applet at every start, and cgo would cost the static cross-compiled build.",
		heavyImports},
	{"libraries only compute",
		"a package of pkg/ is used by other programs: their output, exit, arguments and environment are not its business.",
		libraries},
	{"commands change nothing themselves",
		"what a command does to the system goes through pkg/, where it can be explained, tested without root, and undone.",
		changes},
	{"nothing happens before main",
		"an init function runs for every applet, in an order that nobody reads, and cannot fail.",
		inits},
	{"functions fit on a screen",
		"a longer one parses, decides and acts at once. Take a part out and give it a name; a table does not count.",
		lengths},
	{"one comment for a package",
		"it is the guide that `go doc` shows first; two are joined in an order that nobody chose.",
		packageComments},
	{"exported names have a comment",
		"whoever uses a name reads its comment, not its code: units, errors, kernel version, when not to call it.",
		undocumented},
}
