package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/sync/semaphore"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/rules"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/judge"
	"github.com/gatehold/gatehold/internal/policy"
)

type judgeCmd struct {
	File  string
	Rules string
	Org   string
}

const judgeHelp = `A line is a JSON object. All but files may be left out; an actor is {login, id, type}, its type
User, Bot or another of GitHub's:

  id, repository, number, base, head, base_ref, head_ref, head_repository, title, body, labels, author (an actor)
  commits: [{sha, message, verified, author, committer}], a person in it {name, email, login, id, type}
  files:   [{path, previous_path, status, mode, previous_mode, before, after}], before and after whole, null where the file does not exist
  issues:  [{repository, number, title, body, url, author, editor}], those that the change
           resolves; author and editor (of the newest edit, null for none) are actors
  codeowners: the text of CODEOWNERS at the base, null where there is none

The answer is a verdict for each line, in order.`

func judgeCommand(std command.IO) *cobra.Command {
	c := &judgeCmd{}
	cmd := command.New(std, c, "judge [FILE]", "Judge changes given as JSON lines, a verdict per line.",
		"FILE has a change per line; - or nothing is standard input.\n\n"+judgeHelp)
	cmd.Args = command.Optional(&c.File)
	f := cmd.Flags()
	f.StringVar(&c.Rules, "rules", "", "Judge by this rules `FILE`; by default by the built-in default, as if it were enforced.")
	f.StringVar(&c.Org, "org", "", rules.OrgHelp)
	return cmd
}

// maxLine bounds one change in JSON, in bytes. All lines that were read and are
// not answered yet are bounded by as much, whatever the number of workers.
const maxLine = 256 << 20

// job is one line on its way through the workers, in the order of the input.
type job struct {
	number int
	line   []byte      // nil once it is judged
	size   int64       // of the line
	result chan []byte // one answer, always
	bad    error       // set before result is filled
}

func (c *judgeCmd) Run(ctx context.Context, std command.IO) error {
	// Lines come and go: collecting garbage a fourth as often costs tens of
	// megabytes and gains a fifth of the time.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	inForce := policy.EnforcedDefault()
	if c.Rules != "" || c.Org != "" {
		var err error
		if inForce, err = rules.Load(c.Org, c.Rules); err != nil {
			return err
		}
	}
	in := std.In
	if c.File != "-" && c.File != "" {
		f, err := os.Open(c.File)
		if err != nil {
			return &gate.Error{Code: "input_unreadable", Text: err.Error(), Err: err}
		}
		defer f.Close()
		in = f
	}
	return judgeLines(ctx, inForce, in, std.Out, std.Err)
}

// judgeLines answers every line with a line, in order, on all cores. A line
// that is not a change is answered with an error and judged held: nothing is
// lost, and the exit code says that something was wrong.
func judgeLines(ctx context.Context, rules *policy.Rules, in io.Reader, out, errs io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	todo := make(chan *job, workers)
	ordered := make(chan *job, 4*workers)
	room := semaphore.NewWeighted(maxLine)
	var readErr error
	go func() {
		defer close(todo)
		defer close(ordered)
		readErr = readLines(in, func(n int, line []byte) bool {
			if room.Acquire(ctx, int64(len(line))) != nil {
				return false
			}
			j := &job{number: n, line: line, size: int64(len(line)), result: make(chan []byte, 1)}
			for _, queue := range []chan *job{ordered, todo} {
				select {
				case queue <- j:
				case <-ctx.Done():
					return false
				}
			}
			return true
		})
	}()
	for range workers {
		go func() {
			for j := range todo {
				answer, err := judgeLine(rules, j.line)
				j.line, j.bad = nil, err
				room.Release(j.size)
				j.result <- answer
			}
		}()
	}
	bad := 0
	w := bufio.NewWriterSize(out, 1<<16)
	for j := range ordered {
		var answer []byte
		select {
		case answer = <-j.result:
		case <-ctx.Done():
			return ctx.Err()
		}
		if j.bad != nil {
			bad++
			fmt.Fprintf(errs, "gatehold: line %d: %s\n", j.number, j.bad)
		}
		if _, err := w.Write(append(answer, '\n')); err != nil {
			return err
		}
		if len(ordered) == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(readErr, w.Flush(), ctx.Err()); err != nil {
		return err
	}
	if bad > 0 {
		return command.ErrReported
	}
	return nil
}

// readLines calls each for every line that is not blank until it returns false.
func readLines(in io.Reader, each func(number int, line []byte) bool) error {
	r := bufio.NewReaderSize(in, 1<<20)
	for n := 1; ; n++ {
		line, err := readLine(r)
		if len(bytes.TrimSpace(line)) > 0 && !each(n, line) {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("longer than %d MB", maxLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// judgeLine turns one line of JSON into another. An error is also an answer.
func judgeLine(rules *policy.Rules, line []byte) ([]byte, error) {
	var in changeLine
	if err := json.Unmarshal(line, &in); err != nil {
		answer, _ := json.Marshal(map[string]any{
			"id": in.ID, "held": true,
			"error": map[string]string{"code": "line_invalid", "text": err.Error()},
		})
		return answer, err
	}
	c := in.change()
	verdict := judge.Change(rules, &c)
	answer, err := json.Marshal(verdict)
	return answer, err
}
