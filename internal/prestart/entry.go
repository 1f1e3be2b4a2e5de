//go:build amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x

package prestart

// faultAddress is where the entry's handler of SIGSEGV lies.
func faultAddress() uintptr

// thread starts a thread that ends when goOn is not 0. It returns its number, or an
// error number with a minus.
func thread() int
