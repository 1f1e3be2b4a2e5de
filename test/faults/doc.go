// Package faults makes system calls of nskit fail, one after the other, and
// takes away what nskit needs: processes, memory, descriptors, namespaces, room.
// Whatever fails must say so in one line, exit with the right code and leave
// nothing behind.
package faults
