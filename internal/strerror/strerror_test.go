package strerror

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

func TestText(t *testing.T) {
	for errno, want := range map[syscall.Errno]string{
		0: "Success", 1: "Operation not permitted", 2: "No such file or directory",
		41: "Unknown error 41", 42: "No message of desired type", 133: "Memory page has hardware error",
		134: "Unknown error 134", 135: "Unknown error 135", 4095: "Unknown error 4095",
	} {
		if got := Text(errno); got != want {
			t.Errorf("%d: %q, want %q", errno, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	if n := strings.Count(Table, "\x00"); n != Count {
		t.Errorf("Table has %d texts, Count says %d", n, Count)
	}
}

func TestOf(t *testing.T) {
	if got := Of(fmt.Errorf("wrapped: %w", syscall.EPERM)); got != "Operation not permitted" {
		t.Error(got)
	}
	if got := Of(errors.New("plain")); got != "plain" {
		t.Error(got)
	}
}
