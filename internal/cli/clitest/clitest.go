// Package clitest is a command at somebody's terminal, for tests that look at it
// while it runs. The command is the product's own, in this process.
package clitest

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"sync"
	"time"

	"github.com/gatehold/gatehold/internal/cli"
	"github.com/gatehold/gatehold/internal/cli/command"
)

// Options are what a command is started with.
type Options struct {
	Server string // whom it answers through: GATEHOLD_SERVER
	// Pause is the command's clock; nil: the machine's.
	Pause func(ctx context.Context, d time.Duration) error
	// Busy is told +1 when the command begins and goes on, and -1 when it ends, waits
	// for time to pass, or for something to be typed. nil: nobody is.
	Busy func(by int64)
}

// Command is one that was typed at a terminal. Tests may look at it at any time.
type Command struct {
	ended chan int
	keys  *io.PipeWriter
	stop  context.CancelFunc

	out, err Buffer
}

// Type starts a command. Stop ends it where it has not come to an end itself.
func Type(opt Options, args ...string) *Command {
	if opt.Busy == nil {
		opt.Busy = func(int64) {}
	}
	in, keys := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	c := &Command{ended: make(chan int, 1), keys: keys, stop: stop}
	std := command.IO{In: idle{in, opt.Busy}, Out: &c.out, Err: &c.err, Terminal: true,
		Getenv: func(name string) string { return map[string]string{"GATEHOLD_SERVER": opt.Server}[name] }}
	if opt.Pause != nil {
		std.Pause = func(ctx context.Context, d time.Duration) error {
			opt.Busy(-1)
			defer opt.Busy(1)
			return opt.Pause(ctx, d)
		}
	}
	opt.Busy(1)
	go func() {
		code := cli.Run(ctx, args, std)
		opt.Busy(-1)
		c.ended <- code
	}()
	return c
}

// Stop ends the command, as Ctrl-C does.
func (c *Command) Stop() { c.stop() }

// Ended gives the exit code, once.
func (c *Command) Ended() <-chan int { return c.ended }

// Text is all that was printed: the output, and then the errors.
func (c *Command) Text() string { return c.out.String() + c.err.String() }

// Out is what was printed as the output.
func (c *Command) Out() string { return c.out.String() }

// Answer types a line. It returns when the command has read it.
func (c *Command) Answer(line string) error {
	_, err := io.WriteString(c.keys, line+"\n")
	return err
}

var userCode = regexp.MustCompile(`enter ([A-Z0-9]{4}-[A-Z0-9]{4}) within`)

// Code is the one that the command wants to be entered at GitHub; empty as long as
// it has printed none.
func Code(text string) string {
	if found := userCode.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// Buffer is one that is read while it is written.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is what was written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// idle is a keyboard: nobody is at work while it is waited for.
type idle struct {
	keys io.Reader
	busy func(by int64)
}

func (i idle) Read(p []byte) (int, error) {
	i.busy(-1)
	defer i.busy(1)
	return i.keys.Read(p)
}
