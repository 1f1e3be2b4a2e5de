//go:build !amd64 && !arm64

package main

// Where there is no entry nothing is early.
var _ = early
