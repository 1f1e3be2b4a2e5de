//go:build !linux

package census

import (
	"context"
	"errors"

	"github.com/nskit/nskit/pkg/ns"
)

type taken struct{}

var _ = Snapshot{}.taken // which is used on Linux alone

func take(context.Context, Options) (*Snapshot, error) { return nil, errors.ErrUnsupported }

func (s *Snapshot) open(*Namespace) (*ns.Handle, error) { return nil, errors.ErrUnsupported }

func (s *Snapshot) details(int) (Details, bool) { return Details{}, false }

// String is the way in a word or two; there is none here.
func (h How) String() string { return "unknown" }

// String is the holder in a few words; there is none here.
func (h Holder) String() string { return "unknown" }
