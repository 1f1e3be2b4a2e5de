//go:build !amd64 && !arm64 && !loong64 && !ppc64le && !riscv64 && !s390x

package prestart

// Where there is no entry nobody calls what it calls.

func faultAddress() uintptr { return 0 }

func thread() int { return 0 }

// Short says nothing there: it is for before the runtime.
func Short() string { return "" }
