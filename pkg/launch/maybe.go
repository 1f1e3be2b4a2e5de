package launch

// Maybe is a value that may be missing: the zero Maybe is none. It stands where it
// is, unlike what a pointer leads to, so that a decision made before the Go runtime
// has started needs no memory for it.
type Maybe[T any] struct {
	Value T
	// Set says that there is a value.
	Set bool
}

// Some is a Maybe with a value.
func Some[T any](value T) Maybe[T] { return Maybe[T]{value, true} }
