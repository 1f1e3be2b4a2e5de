// Package strerror holds the error texts of the C library, because nskit's
// messages must read like those of the tools it stands in for: Go's own texts
// begin with a lower-case letter and differ in wording.
package strerror

import (
	"errors"
	"strconv"
	"strings"
	"syscall"
)

// Text returns what strerror(3) says of errno in the C locale.
func Text(errno syscall.Errno) string {
	rest := Table
	for range errno {
		_, rest, _ = strings.Cut(rest, "\x00")
	}
	text, _, _ := strings.Cut(rest, "\x00")
	if text == "" || errno >= Count-1 {
		return "Unknown error " + strconv.Itoa(int(errno))
	}
	return text
}

// Of returns the text of the error number inside err, or err's own text where
// there is none.
func Of(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return Text(errno)
	}
	return err.Error()
}

// Count is the number of texts in Table.
const Count = 135

// Table has the texts of all numbers from 0 on, each ended by a NUL: the form
// in which a program without a runtime can look them up. The numbers are those
// of amd64, arm64 and riscv64; the few unused ones have an empty text. The last
// text stands for every number beyond.
const Table = "" +
	"Success\x00" + // 0
	"Operation not permitted\x00" + // 1
	"No such file or directory\x00" + // 2
	"No such process\x00" + // 3
	"Interrupted system call\x00" + // 4
	"Input/output error\x00" + // 5
	"No such device or address\x00" + // 6
	"Argument list too long\x00" + // 7
	"Exec format error\x00" + // 8
	"Bad file descriptor\x00" + // 9
	"No child processes\x00" + // 10
	"Resource temporarily unavailable\x00" + // 11
	"Cannot allocate memory\x00" + // 12
	"Permission denied\x00" + // 13
	"Bad address\x00" + // 14
	"Block device required\x00" + // 15
	"Device or resource busy\x00" + // 16
	"File exists\x00" + // 17
	"Invalid cross-device link\x00" + // 18
	"No such device\x00" + // 19
	"Not a directory\x00" + // 20
	"Is a directory\x00" + // 21
	"Invalid argument\x00" + // 22
	"Too many open files in system\x00" + // 23
	"Too many open files\x00" + // 24
	"Inappropriate ioctl for device\x00" + // 25
	"Text file busy\x00" + // 26
	"File too large\x00" + // 27
	"No space left on device\x00" + // 28
	"Illegal seek\x00" + // 29
	"Read-only file system\x00" + // 30
	"Too many links\x00" + // 31
	"Broken pipe\x00" + // 32
	"Numerical argument out of domain\x00" + // 33
	"Numerical result out of range\x00" + // 34
	"Resource deadlock avoided\x00" + // 35
	"File name too long\x00" + // 36
	"No locks available\x00" + // 37
	"Function not implemented\x00" + // 38
	"Directory not empty\x00" + // 39
	"Too many levels of symbolic links\x00" + // 40
	"\x00" + // 41
	"No message of desired type\x00" + // 42
	"Identifier removed\x00" + // 43
	"Channel number out of range\x00" + // 44
	"Level 2 not synchronized\x00" + // 45
	"Level 3 halted\x00" + // 46
	"Level 3 reset\x00" + // 47
	"Link number out of range\x00" + // 48
	"Protocol driver not attached\x00" + // 49
	"No CSI structure available\x00" + // 50
	"Level 2 halted\x00" + // 51
	"Invalid exchange\x00" + // 52
	"Invalid request descriptor\x00" + // 53
	"Exchange full\x00" + // 54
	"No anode\x00" + // 55
	"Invalid request code\x00" + // 56
	"Invalid slot\x00" + // 57
	"\x00" + // 58
	"Bad font file format\x00" + // 59
	"Device not a stream\x00" + // 60
	"No data available\x00" + // 61
	"Timer expired\x00" + // 62
	"Out of streams resources\x00" + // 63
	"Machine is not on the network\x00" + // 64
	"Package not installed\x00" + // 65
	"Object is remote\x00" + // 66
	"Link has been severed\x00" + // 67
	"Advertise error\x00" + // 68
	"Srmount error\x00" + // 69
	"Communication error on send\x00" + // 70
	"Protocol error\x00" + // 71
	"Multihop attempted\x00" + // 72
	"RFS specific error\x00" + // 73
	"Bad message\x00" + // 74
	"Value too large for defined data type\x00" + // 75
	"Name not unique on network\x00" + // 76
	"File descriptor in bad state\x00" + // 77
	"Remote address changed\x00" + // 78
	"Can not access a needed shared library\x00" + // 79
	"Accessing a corrupted shared library\x00" + // 80
	".lib section in a.out corrupted\x00" + // 81
	"Attempting to link in too many shared libraries\x00" + // 82
	"Cannot exec a shared library directly\x00" + // 83
	"Invalid or incomplete multibyte or wide character\x00" + // 84
	"Interrupted system call should be restarted\x00" + // 85
	"Streams pipe error\x00" + // 86
	"Too many users\x00" + // 87
	"Socket operation on non-socket\x00" + // 88
	"Destination address required\x00" + // 89
	"Message too long\x00" + // 90
	"Protocol wrong type for socket\x00" + // 91
	"Protocol not available\x00" + // 92
	"Protocol not supported\x00" + // 93
	"Socket type not supported\x00" + // 94
	"Operation not supported\x00" + // 95
	"Protocol family not supported\x00" + // 96
	"Address family not supported by protocol\x00" + // 97
	"Address already in use\x00" + // 98
	"Cannot assign requested address\x00" + // 99
	"Network is down\x00" + // 100
	"Network is unreachable\x00" + // 101
	"Network dropped connection on reset\x00" + // 102
	"Software caused connection abort\x00" + // 103
	"Connection reset by peer\x00" + // 104
	"No buffer space available\x00" + // 105
	"Transport endpoint is already connected\x00" + // 106
	"Transport endpoint is not connected\x00" + // 107
	"Cannot send after transport endpoint shutdown\x00" + // 108
	"Too many references: cannot splice\x00" + // 109
	"Connection timed out\x00" + // 110
	"Connection refused\x00" + // 111
	"Host is down\x00" + // 112
	"No route to host\x00" + // 113
	"Operation already in progress\x00" + // 114
	"Operation now in progress\x00" + // 115
	"Stale file handle\x00" + // 116
	"Structure needs cleaning\x00" + // 117
	"Not a XENIX named type file\x00" + // 118
	"No XENIX semaphores available\x00" + // 119
	"Is a named type file\x00" + // 120
	"Remote I/O error\x00" + // 121
	"Disk quota exceeded\x00" + // 122
	"No medium found\x00" + // 123
	"Wrong medium type\x00" + // 124
	"Operation canceled\x00" + // 125
	"Required key not available\x00" + // 126
	"Key has expired\x00" + // 127
	"Key has been revoked\x00" + // 128
	"Key was rejected by service\x00" + // 129
	"Owner died\x00" + // 130
	"State not recoverable\x00" + // 131
	"Operation not possible due to RF-kill\x00" + // 132
	"Memory page has hardware error\x00" + // 133
	"Unknown error\x00"
