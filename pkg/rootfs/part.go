//go:build linux

package rootfs

import (
	"compress/gzip"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/nskit/nskit/internal/jsontext"
	"github.com/nskit/nskit/internal/sha256"
)

// part is a file of an image, and what the image says of it.
type part struct {
	name string
	// digest is the SHA-256 in hexadecimal, "" where the image has none, and size the
	// number of bytes, -1 where it has none.
	digest string
	size   int64
	// unpacked has the digest be that of what gzip has packed, if it is packed.
	unpacked bool
}

var (
	errNotRegular = errors.New("not a regular file")
	errDigest     = errors.New("its content does not match its digest")
)

// blobs is where an OCI image has its files, see the OCI image specification, "image-layout.md".
const blobs = "blobs/sha256"

// described is the file in dir that a descriptor of an OCI image describes, see the OCI image
// specification, "descriptor.md".
func described(descriptor *jsontext.Value, dir string) (part, error) {
	digest := jsontext.Text(descriptor, "digest")
	sum, err := sha256Of(digest)
	if err != nil {
		return part{}, err
	}
	p := part{name: path.Join(dir, sum), digest: sum, size: -1}
	if digits, ok := jsontext.Number(descriptor, "size", "-1"); !ok {
		err = errSize(digest)
	} else if p.size, err = strconv.ParseInt(digits, 10, 64); err != nil || p.size < -1 {
		err = errSize(digest)
	}
	return p, err
}

func errSize(digest string) error { return fmt.Errorf("size of %q: %w", digest, unix.EINVAL) }

// sha256Of is the number of a digest "sha256:HEX". Another algorithm is refused: what
// cannot be checked is not used.
func sha256Of(digest string) (string, error) {
	algorithm, sum, ok := strings.Cut(digest, ":")
	switch {
	case ok && algorithm == "sha512":
		return "", fmt.Errorf("digest %q: only sha256 can be checked", digest)
	case !ok || algorithm != "sha256" || !isSHA256(sum):
		return "", fmt.Errorf("digest %q: %w", digest, unix.EINVAL)
	}
	return sum, nil
}

func isSHA256(sum string) bool {
	return len(sum) == 2*sha256.Size && strings.Trim(sum, "0123456789abcdef") == ""
}

// open opens a part and checks it.
func (p *part) open(root *os.Root) (*os.File, error) {
	info, err := root.Stat(p.name)
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular // one that is a FIFO would be waited for
	}
	if err != nil {
		return nil, plain(err)
	}
	file, err := root.Open(p.name)
	if err != nil {
		return nil, plain(err)
	}
	if err := p.check(file); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// check compares a file with what the image says of it, and does not move on in it.
func (p *part) check(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return plain(err)
	}
	if p.size >= 0 && info.Size() != p.size {
		return fmt.Errorf("it has %d bytes, and its image says %d", info.Size(), p.size)
	}
	if p.digest == "" {
		return nil
	}
	var content io.Reader = io.NewSectionReader(file, 0, info.Size())
	if p.unpacked && isGzip(file) {
		if content, err = gzip.NewReader(content); err != nil {
			return err
		}
	}
	sum := sha256.New()
	if _, err := io.CopyBuffer(sum, content, make([]byte, 64<<10)); err != nil {
		return plain(err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != p.digest {
		return errDigest
	}
	return nil
}

// text reads a part that is a small JSON file.
func (p *part) text(root *os.Root) (string, error) {
	file, err := p.open(root)
	if err != nil {
		return "", fmt.Errorf("%q of the image: %w", p.name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && info.Size() > maxManifest {
		err = unix.EFBIG
	}
	var text []byte
	if err == nil {
		text, err = io.ReadAll(file)
	}
	if err != nil {
		return "", fmt.Errorf("%q of the image: %w", p.name, plain(err))
	}
	return string(text), nil
}
