// Package load makes and ends containers by the thousand and looks whether
// anything of them stays: a process, a mount, a network interface, a descriptor,
// memory of the kernel. The short form is for every day; scripts/load has the
// long ones.
package load
