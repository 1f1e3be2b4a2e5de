//go:build !nskit_debug

package ns

const watching = false
