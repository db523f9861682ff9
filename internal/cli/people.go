package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/service"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

func peopleCommand(std command.IO) *cobra.Command {
	return command.Group("people", "List people's passkeys, and end one, with the ledger itself.",
		peopleListCommand(std), peopleRevokeCommand(std))
}

// peopleFrom says which ledger people are read from.
type peopleFrom struct{ config.Flags }

// open gives the streams of a ledger that is there; none is made.
func (c *peopleFrom) open(std command.IO) (*book.Book, func() error, error) {
	_, store, b, err := service.OpenBook(c.Flags, std.Getenv, "")
	if err != nil {
		return nil, nil, err
	}
	return b, store.Close, nil
}

// withKeys are the accounts that have passkeys which count, or wait to.
func withKeys(ctx context.Context, b *book.Book) ([]account.State, error) {
	names, err := b.Log.Live(ctx, string(gate.Account)+"/")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []account.State
	for _, name := range names {
		f, err := b.Accounts.Load(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, f.State)
	}
	return out, nil
}

// keyRow is a passkey of somebody's, as it is listed.
type keyRow struct {
	Account int64     `json:"account"`
	Login   string    `json:"login"`
	Key     string    `json:"key"`
	Name    string    `json:"name"`
	Made    time.Time `json:"made"`
	From    time.Time `json:"counts_from"`
	Uses    int       `json:"signed"`
	Stands  string    `json:"stands"` // waits or counts
}

type peopleListCmd struct {
	peopleFrom
	JSON bool
}

func peopleListCommand(std command.IO) *cobra.Command {
	c := &peopleListCmd{}
	cmd := command.New(std, c, "list", "List the passkeys that count, or wait to.", "")
	cmd.Flags().BoolVar(&c.JSON, "json", false, "Print as JSON.")
	c.DefineStore(cmd.Flags())
	return cmd
}

func (c *peopleListCmd) Run(ctx context.Context, std command.IO) (err error) {
	b, done, err := c.open(std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	people, err := withKeys(ctx, b)
	if err != nil {
		return err
	}
	rows := []keyRow{}
	for _, p := range people {
		for _, k := range p.Keys {
			if !k.Alive() {
				continue
			}
			row := keyRow{
				Account: p.Actor.ID, Login: p.Actor.Login, Key: k.ID, Name: k.Name, Made: k.At, From: k.From, Uses: k.Uses, Stands: "counts",
			}
			if k.Waits(time.Now()) {
				row.Stands = "waits"
			}
			rows = append(rows, row)
		}
	}
	if c.JSON {
		return command.WriteJSON(std.Out, rows)
	}
	if len(rows) == 0 {
		_, err = fmt.Fprintln(std.Out, "Nobody has a passkey that counts, or waits to.")
		return err
	}
	table := tabwriter.NewWriter(std.Out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "WHO\tACCOUNT\tSTANDS\tFROM\tSIGNED\tNAME\tKEY")
	for _, r := range rows {
		fmt.Fprintf(table, "@%s\t%d\t%s\t%s\t%d\t%s\t%s\n", command.OneLine(r.Login), r.Account, r.Stands,
			r.From.UTC().Format("2006-01-02 15:04"), r.Uses, command.OneLine(r.Name), r.Key)
	}
	return table.Flush()
}

type peopleRevokeCmd struct {
	peopleFrom
	Key    string
	Reason string
}

const peopleRevokeHelp = `KEY is its id, as 'gatehold people list' prints it. It counts no more, for good, and
what stands on it is void; its owner is told by the channels for passkeys. It is on record
as done by whoever operates the server: owners of the organisation do it on the pages,
signed by a passkey of their own.`

func peopleRevokeCommand(std command.IO) *cobra.Command {
	c := &peopleRevokeCmd{}
	cmd := command.New(std, c, "revoke KEY", "End somebody's passkey.", peopleRevokeHelp)
	cmd.Args = command.Optional(&c.Key)
	cmd.Flags().StringVar(&c.Reason, "reason", "", "Why, in a line. It is on record, and its owner is told.")
	c.DefineStore(cmd.Flags())
	return cmd
}

func (c *peopleRevokeCmd) Run(ctx context.Context, std command.IO) (err error) {
	reason := strings.TrimSpace(c.Reason)
	if c.Key == "" || reason == "" || command.OneLine(reason) != reason || len(reason) > 500 {
		return command.Usage("Name a passkey by its id, and say why with --reason, in one line.")
	}
	b, done, err := c.open(std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	people, err := withKeys(ctx, b)
	if err != nil {
		return err
	}
	for _, p := range people {
		if _, has := p.Key(c.Key); !has {
			continue
		}
		if err := p.Revoke(c.Key); err != nil {
			return err
		}
		_, err := b.Accounts.Record(ctx, gate.AccountStream(p.Actor.ID), engine.Draft{
			Event: gate.Revoked{Key: c.Key, Operator: true, Why: "by whoever operates the server: " + reason},
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(std.Out, "The passkey of @%s counts no more.\n", command.OneLine(p.Actor.Login))
		return err
	}
	return &gate.Error{Code: "key_unknown", Final: true, Text: "Nobody has such a passkey that counts, or waits to."}
}
