//go:build versioned

package main

func moduleVersion() string { return version }
