// Package redisserver starts real redis-server processes for tests: on
// 127.0.0.1, on a port that was free, with the durability that the Redis store
// asks for, in a directory of the test.
package redisserver

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Server is one redis-server process, and after Kill and Restart the next one
// on the same address and files.
type Server struct {
	Addr string // host:port

	t        testing.TB
	binary   string
	dir      string
	settings []string
	cmd      *exec.Cmd
	exited   chan struct{}
}

// Start starts a server and waits until it answers. Settings are further
// lines of its configuration, as "appendfsync everysec"; a password is not
// among them, for Start itself asks the server without one. It ends with the
// test.
// A machine without redis-server fails the test: a store that nobody tried is
// not one that works.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("redis-server is not installed, and this test needs a real one: install it (Debian, Ubuntu: apt-get install " +
			"redis-server; macOS: brew install redis), or leave out -tags services")
	}
	s := &Server{t: t, binary: binary, dir: t.TempDir(), settings: settings}
	t.Cleanup(s.Kill)
	for range 10 {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		s.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		if err = s.run(); err == nil {
			return s
		}
		t.Logf("%s: %v; trying another port", s.Addr, err)
	}
	t.Fatal("redis-server did not start on any of ten ports")
	return nil
}

// URL is the address as the store takes it.
func (s *Server) URL() string { return "redis://" + s.Addr }

// Kill ends the process at once (SIGKILL) and waits until it is gone.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // an error means that it is gone already
	<-s.exited
	s.cmd = nil
}

// Restart starts the server again on the address and files of before.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	if err := s.run(); err != nil {
		s.t.Fatalf("redis-server did not come back on %s: %v", s.Addr, err)
	}
}

// freePort asks the system for a port. Another process may take it before
// redis-server does; run notices.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (s *Server) run() error {
	_, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	lines := append([]string{
		"bind 127.0.0.1", "port " + port, "dir " + strconv.Quote(s.dir), "logfile redis.log",
		"daemonize no", `save ""`, "appendonly yes", "appendfsync always",
	}, s.settings...)
	file := filepath.Join(s.dir, "redis.conf")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	s.cmd, s.exited = exec.Command(s.binary, file), make(chan struct{})
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return err
	}
	go func(cmd *exec.Cmd, exited chan struct{}) {
		defer close(exited)
		_ = cmd.Wait() // it is killed; how it ends says nothing
	}(s.cmd, s.exited)
	if err := s.ready(); err != nil {
		s.Kill()
		log, _ := os.ReadFile(filepath.Join(s.dir, "redis.log"))
		return fmt.Errorf("%w; the end of its log:\n%s", err, log[max(0, len(log)-2000):])
	}
	return nil
}

// ready waits until the process that was started answers on the address, not
// another one, and has loaded its files.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.answers()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return fmt.Errorf("it ended at once")
		case <-ctx.Done():
			return err
		}
	}
}

func (s *Server) answers() error {
	conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "INFO\r\nQUIT\r\n"); err != nil {
		return err
	}
	ours, loaded := false, false
	scanner := bufio.NewScanner(conn)
	for scanner.Scan() {
		ours = ours || scanner.Text() == fmt.Sprintf("process_id:%d", s.cmd.Process.Pid)
		loaded = loaded || scanner.Text() == "loading:0"
	}
	if !ours || !loaded {
		return fmt.Errorf("it does not answer as the process that was started (process %v, loaded %v)", ours, loaded)
	}
	return nil
}
