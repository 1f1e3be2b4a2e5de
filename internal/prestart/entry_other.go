//go:build !amd64 && !arm64

package prestart

// Where there is no entry nobody calls what it calls.

func faultAddress() uintptr { return 0 }

func thread() int { return 0 }
