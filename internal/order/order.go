// Package order sorts and finds structs where they lie. The functions of the standard library's slices are compiled
// anew for every type, several kilobytes each, and hand structs over by value; these share the code of sort.
package order

import "sort"

type by[T any] struct {
	all     []T
	compare func(a, b *T) int
}

// Len is part of sort.Interface.
func (b *by[T]) Len() int { return len(b.all) }

// Less is part of sort.Interface.
func (b *by[T]) Less(i, j int) bool { return b.compare(&b.all[i], &b.all[j]) < 0 }

// Swap is part of sort.Interface.
func (b *by[T]) Swap(i, j int) { b.all[i], b.all[j] = b.all[j], b.all[i] }

// Sort sorts a slice; what compares equal keeps its order.
func Sort[T any](all []T, compare func(a, b *T) int) {
	if len(all) > 1 { // thousands of namespaces have a list each, mostly an empty one
		sort.Stable(&by[T]{all, compare})
	}
}

// Strings sorts words by their bytes.
func Strings(words []string) { sort.Stable(sort.StringSlice(words)) }

// Keys are the keys of a map, sorted.
func Keys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	Strings(keys)
	return keys
}

// Find returns the element of a sorted slice that compare finds equal to the one wanted, nil for none.
// It is given an element, and is negative where that comes behind the wanted one.
func Find[T any](all []T, compare func(*T) int) *T {
	i, found := sort.Find(len(all), func(i int) int { return compare(&all[i]) })
	if !found {
		return nil
	}
	return &all[i]
}
