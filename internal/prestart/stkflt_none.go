//go:build mips || mipsle || mips64 || mips64le

package prestart

const stackFault = 0
