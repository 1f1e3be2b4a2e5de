package applet

// Exclusive is what options share of which a command line may have one only.
// The zero value has met none.
type Exclusive struct{ met string }

// Meet notes an option. An error names it and the one that was met before it, in the
// order in which they were typed, and comes before any error about their values, as in util-linux.
func (e *Exclusive) Meet(option string) error {
	if e.met == "" || e.met == option {
		e.met = option
		return nil
	}
	return CannotCombine(e.met, option)
}

// CannotCombine is the error of two options that exclude each other.
func CannotCombine(a, b string) error {
	return Fail("options --", a, " and --", b, " cannot be combined")
}
