package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/service"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
)

type holdsCmd struct {
	config.Flags
	Server string
	Repo   string
	JSON   bool
}

const holdsHelp = `Lists the pull requests, deployments and workflow runs that wait for people, and
first the overrides that nobody else has looked at yet. Through a server you see
the repositories that you may write to; with the ledger itself, everything.`

func holdsCommand(std command.IO) *cobra.Command {
	c := &holdsCmd{}
	cmd := command.New(std, c, "holds", "List what waits for people.", holdsHelp)
	f := cmd.Flags()
	f.StringVar(&c.Server, "server", "", "Ask the server at `URL`, signed in at GitHub (GATEHOLD_SERVER). Without one the configured "+
		"ledger is read, on the server's own machine.")
	f.StringVar(&c.Repo, "repo", "", "Only of the repository `OWNER/NAME`.")
	f.BoolVar(&c.JSON, "json", false, "Print as JSON.")
	c.DefineStore(f)
	return cmd
}

func (c *holdsCmd) Run(ctx context.Context, std command.IO) error {
	list, err := c.list(ctx, std)
	if err != nil {
		return err
	}
	if c.JSON {
		return command.WriteJSON(std.Out, list)
	}
	return printHolds(std.Out, list)
}

func (c *holdsCmd) list(ctx context.Context, std command.IO) (board.Holds, error) {
	server := command.FirstOf(c.Server, std.Getenv("GATEHOLD_SERVER"))
	if c.Server == "" && command.FirstOf(c.Store, c.StoreFile, c.Config) != "" {
		server = ""
	}
	if server == "" {
		return c.read(ctx, std)
	}
	d, err := openDoor(server, std)
	if err != nil {
		return board.Holds{}, err
	}
	done, err := d.ask(ctx, wish{Want: "holds", Repository: c.Repo})
	return done.Holds, err
}

// read lists from the ledger. A SQLite file that is not there is not made.
func (c *holdsCmd) read(ctx context.Context, std command.IO) (board.Holds, error) {
	cfg, store, streams, err := service.OpenBook(c.Flags, std.Getenv, ", or ask a server with --server")
	if err != nil {
		return board.Holds{}, err
	}
	reader := board.New(board.Config{Tail: store, Streams: streams, Now: time.Now, PublicURL: service.PagesURL(cfg)})
	list, err := reader.ReadHolds(ctx, c.Repo)
	return list, errors.Join(err, store.Close())
}

// printHolds is the list as a table for people.
func printHolds(out io.Writer, list board.Holds) error {
	if len(list.Gates) == 0 {
		fmt.Fprintln(out, "Nothing waits.")
	} else {
		table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(table, "WHAT\tSCORE\tSINCE\tSAYS")
		for _, h := range list.Gates {
			fmt.Fprintf(table, "%s\t%d %s\t%s\t%s\n", command.OneLine(name(h)), h.Score, command.OneLine(string(h.Level)),
				h.Since.UTC().Format("2006-01-02 15:04"), command.OneLine(says(h)))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if list.Omitted > 0 {
		fmt.Fprintf(out, "%d more are left out: narrow the list with --repo.\n", list.Omitted)
	}
	if list.Unasked > 0 {
		fmt.Fprintf(out, "Of %d repositories it is not known whether you may see them: name one with --repo.\n", list.Unasked)
	}
	return nil
}

// name is what a gate is answered by.
func name(h board.Hold) string {
	if h.Kind == gate.PullRequest {
		return h.Subject
	}
	return h.Stream
}

func says(h board.Hold) string {
	text := h.Title
	if h.Kind != gate.PullRequest {
		text = h.Subject + ": " + text
	}
	if len(h.Review) > 0 {
		text = "To be reviewed, overridden by " + logins(h.Review) + ". " + text
	}
	if h.Link != "" {
		text += " " + h.Link
	}
	return text
}

func logins(people []gate.Actor) string {
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = "@" + p.Login
	}
	return strings.Join(names, ", ")
}
