package exporter

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// socketTime is how long an answer may take whoever asked to read.
const socketTime = 5 * time.Second

// socketPause is how long nobody is answered when a connection could not be taken.
const socketPause = time.Second

// socketClients is how many are answered at a time.
const socketClients = 8

// listenSocket makes the socket, for its owner alone. One that was left behind is replaced; one that
// answers is another exporter's.
func listenSocket(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	// Where nobody else gets at it until it has its mode.
	private, err := os.MkdirTemp(filepath.Dir(path), ".births")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(private)
	at := filepath.Join(private, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: at})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	if err := os.Chmod(at, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if err := os.Rename(at, path); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("%s is there and no socket", path)
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		conn.Close()
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%s is used by another process", path)
	}
	return os.Remove(path)
}

// answerSocket tells whoever connects, until the context ends.
func answerSocket(ctx context.Context, l net.Listener, answer func() ([]byte, error), log *slog.Logger) {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	places, failed := make(chan struct{}, socketClients), false
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // for a while there may be no descriptor
			if !failed {
				log.Warn("Nobody can be told about creators for now", "err", err)
			}
			failed = true
			time.Sleep(socketPause)
			continue
		}
		failed = false
		places <- struct{}{}
		go func() {
			defer func() { conn.Close(); <-places }()
			text, err := answer()
			if err != nil {
				log.Warn("Creators cannot be told", "err", err)
				return
			}
			_ = conn.SetWriteDeadline(time.Now().Add(socketTime))
			_, _ = conn.Write(text)
		}()
	}
}
