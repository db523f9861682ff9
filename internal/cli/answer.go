package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/answers"
)

type answerCmd struct {
	answer  gate.Answer
	Subject string
	Reason  string
	Server  string
	Verdict string
}

func approveCommand(std command.IO) *cobra.Command {
	return answerCommand(std, gate.Approve, "approve", "Approve what a gate holds, signed in at GitHub.")
}

func denyCommand(std command.IO) *cobra.Command {
	return answerCommand(std, gate.Deny, "deny", "Deny what a gate holds, signed in at GitHub.")
}

func overrideCommand(std command.IO) *cobra.Command {
	return answerCommand(std, gate.Override, "override", "Release at once, where the rules let you break the glass.")
}

func reviewCommand(std command.IO) *cobra.Command {
	return answerCommand(std, gate.Review, "review", "Say that you have looked at somebody else's override.")
}

const answerHelp = `SUBJECT is OWNER/NAME#NUMBER, or what gatehold holds lists.

You sign in at GitHub with the code that is printed; no token comes to this
machine. What the gate shows is printed, and you are asked for yes. The answer is
for exactly that. It counts where the rules name the channel cli, and whether it
does is decided by the server: exit code 0 where it counts, 3 where it does not.

Never enter a code for a command that you did not start: whoever started it, an
agent say, would answer as you.`

func answerCommand(std command.IO, answer gate.Answer, name, short string) *cobra.Command {
	c := &answerCmd{answer: answer}
	cmd := command.New(std, c, name+" SUBJECT", short, answerHelp)
	cmd.Args = command.Argument(&c.Subject)
	f := cmd.Flags()
	f.StringVar(&c.Reason, "reason", "", "Why: a line of `TEXT`, kept on record and shown on the check.")
	f.StringVar(&c.Server, "server", "", "Answer through the server at `URL` (GATEHOLD_SERVER).")
	f.StringVar(&c.Verdict, "verdict", "", "Answer only if the verdict's digest begins with `PREFIX`, at least 8 characters, instead of "+
		"asking for yes.")
	return cmd
}

func (c *answerCmd) Run(ctx context.Context, std command.IO) error {
	server := command.FirstOf(c.Server, std.Getenv("GATEHOLD_SERVER"))
	if server == "" {
		return command.Usage("Which server is to be answered through? Give --server URL or GATEHOLD_SERVER.")
	}
	if err := c.check(std); err != nil {
		return err
	}
	d, err := openDoor(server, std)
	if err != nil {
		return err
	}
	done, err := d.ask(ctx, wish{Want: "answer", Subject: c.Subject, Answer: c.answer, Reason: c.Reason})
	if err != nil {
		return err
	}
	show(std, done.Gate)
	if err := c.confirm(ctx, std, done); err != nil {
		return err
	}
	return d.answer(ctx, done.Ticket)
}

const leastPrefix = 8

// check finds what cannot work before anybody has to sign in for it.
func (c *answerCmd) check(std command.IO) error {
	switch {
	case c.Verdict == "" && !std.Terminal:
		return command.Usage("There is no terminal to ask for yes on: give --verdict with the digest of the verdict that you have seen.")
	case c.Verdict != "" && (len(c.Verdict) < leastPrefix || strings.Trim(strings.ToLower(c.Verdict), "0123456789abcdef") != ""):
		return command.Usage("--verdict is the beginning of the verdict's digest: at least %d of the characters 0-9 and a-c.", leastPrefix)
	}
	return nil
}

// show prints what the answer would be about.
func show(std command.IO, l answers.Look) {
	fmt.Fprintf(std.Out, "%s\n%s\n\n", command.OneLine(l.Subject), command.OneLine(l.Title))
	fmt.Fprint(std.Out, report.Terminal(l.Verdict, std.Color))
	if l.Verdict.Deploy != nil && l.Verdict.Deploy.Summary != "" {
		fmt.Fprintf(std.Out, "goes out %s\n", command.OneLine(l.Verdict.Deploy.Summary))
	}
	if len(l.Review) > 0 {
		fmt.Fprintf(std.Out, "to be reviewed: overridden by %s\n", command.OneLine(logins(l.Review)))
	}
	if l.Link != "" {
		fmt.Fprintf(std.Out, "%s\n", command.OneLine(l.Link))
	}
	if l.Doubt != "" {
		fmt.Fprintf(std.Out, "\nAs things are this would not count: %s\n", command.OneLine(l.Doubt))
	}
}

// confirm wants the yes of whoever has seen it.
func (c *answerCmd) confirm(ctx context.Context, std command.IO, done completed) error {
	if c.Verdict != "" {
		if !strings.HasPrefix(done.Gate.Verdict.Digest, strings.ToLower(c.Verdict)) {
			return &gate.Error{Code: "verdict_differs",
				Text: "The verdict is not the one that you named: look at what is printed above. Nothing was answered."}
		}
		return nil
	}
	fmt.Fprintf(std.Err, "\n%s %s as @%s? Only yes is yes: ", c.answer, command.OneLine(done.Gate.Subject), command.OneLine(done.Who.Login))
	said, err := readYes(ctx, std.In)
	if err != nil || said != "yes" {
		return &gate.Error{Code: "not_confirmed", Text: "Nothing was answered.", Err: err}
	}
	return nil
}

// readYes reads a line, or ends with ctx: what is typed later is lost, and so is
// the process.
func readYes(ctx context.Context, in io.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(io.LimitReader(in, 1024)).ReadString('\n')
		read <- line{text, err}
	}()
	select {
	case l := <-read:
		return strings.TrimSpace(l.text), l.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// How long the server's own look at an answer is waited for. It asks GitHub.
const (
	answerEvery = time.Second
	answerTime  = 2 * time.Minute
	answerTries = 5
)

// answer gives the ticket in and waits for what becomes of it. The same ticket
// counts once, so that it is given in again where no answer came.
func (d *door) answer(ctx context.Context, ticket string) error {
	body := map[string]string{"ticket": ticket}
	for try := 1; ; try++ {
		var taken struct{ Status string }
		status, err := d.post(ctx, "/api/answers", body, &taken)
		if err == nil {
			break
		}
		if !passingTrouble(status) || try == answerTries || d.std.Wait(ctx, answerEvery) != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	last := answers.Outcome{Text: "It is on record, and it is not known yet whether it counts."}
	for {
		var out answers.Outcome
		status, err := d.post(ctx, "/api/answers/outcome", body, &out)
		switch {
		case err != nil && !passingTrouble(status):
			return err
		case err == nil && out.State == "counted":
			fmt.Fprintf(d.std.Out, "\n%s\n%s\n", command.OneLine(out.Text), command.OneLine(out.Title))
			return nil
		case err == nil && out.State == "refused":
			fmt.Fprintf(d.std.Out, "\nIt does not count: %s\n%s\n", command.OneLine(out.Text), command.OneLine(out.Title))
			return command.ErrHeld
		case err == nil:
			last = out
		}
		if d.std.Wait(ctx, answerEvery) != nil {
			return &gate.Error{Code: "answer_pending", Text: command.OneLine(last.Text) + " The check will say what became of it."}
		}
	}
}
