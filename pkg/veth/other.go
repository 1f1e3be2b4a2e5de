//go:build !linux

package veth

import (
	"context"
	"errors"
)

// Add fails with [errors.ErrUnsupported] on this system.
func Add(context.Context, Spec) (Pair, error) { return Pair{}, unsupported("add") }

// Del fails with [errors.ErrUnsupported] on this system.
func Del(context.Context, NS, string) error { return unsupported("del") }

// Move fails with [errors.ErrUnsupported] on this system.
func Move(context.Context, NS, string, NS, string) error { return unsupported("move") }

// List fails with [errors.ErrUnsupported] on this system.
func List(context.Context) ([]Pair, error) { return nil, unsupported("list") }

func unsupported(op string) error { return &Error{Op: op, Err: errors.ErrUnsupported} }
