// Package arch holds the rules that the source tree keeps, as ordinary tests:
// the direction of imports, what a library may not do, the size of functions,
// comments, and the modules that are linked into the binary.
//
// A [rule] looks at the whole parsed tree and returns what breaks it; its reason
// stands in the failure. rules_test.go has the list, and a table of small trees
// that every rule must refuse, so that no rule can rot into one that finds nothing.
package arch
