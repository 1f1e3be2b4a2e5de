package prestart

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Secure tells whether the kernel marks the execution of this process as one
// that its caller must not influence: the file is set-user-ID or has
// capabilities, or a security module says so.
func Secure() bool {
	if saved.stack != 0 {
		return auxiliary(atSecure) != 0
	}
	vector, _ := unix.Auxv() // without the entry the runtime has kept it
	for _, entry := range vector {
		if entry[0] == atSecure {
			return entry[1] != 0
		}
	}
	return false
}

// auxiliary is an entry of the auxiliary vector, which lies behind the
// environment; 0 if there is none.
func auxiliary(key uintptr) uintptr {
	vector := Envp()
	for *(*uintptr)(vector) != 0 {
		vector = unsafe.Add(vector, 8)
	}
	for entry := unsafe.Add(vector, 8); *(*uintptr)(entry) != atNull; entry = unsafe.Add(entry, 16) {
		if *(*uintptr)(entry) == key {
			return *(*uintptr)(unsafe.Add(entry, 8))
		}
	}
	return 0
}
