package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/passkey"
	"github.com/gatehold/gatehold/internal/words"
)

type verifyCmd struct {
	ledgerFrom
	Heads  string
	Origin string
}

const verifyHelp = `Reads every record, of a SQLite file also while the service runs, and says of each
thing that is broken in which stream and at which version it is, and what was
expected there. Found are records that were changed, removed, inserted or put in
another order, and a stream that does not reach as far as its store says.

What people signed with passkeys is verified against their keys' enrolment: answers,
further keys, vouches, endings, and that a head is their own. --origin is the server's
address, as browsers have it; without it each key's own is taken.

Whoever can write to the store can also write a stream anew from its beginning, or
cut off its newest records together with what the store says of them. That shows
only against heads that lie where they cannot write: keep those of
'gatehold ledger export --heads' there, and give them with --heads.

Exit code 0: whole; 3: broken; 1: it could not be read.`

func verifyCommand(std command.IO) *cobra.Command {
	c := &verifyCmd{}
	cmd := command.New(std, c, "verify [FILE]",
		"Verify the whole ledger: every record, every chain, and heads that were kept elsewhere.", ledgerFile+verifyHelp)
	cmd.Flags().StringVar(&c.Heads, "heads", "", "`FILE` with heads that were kept elsewhere, by 'gatehold ledger export --heads': each must "+
		"still be there.")
	cmd.Flags().StringVar(&c.Origin, "origin", "", "`ADDRESS` of the server that passkeys were made for, as in https://gate.example.com.")
	c.define(cmd)
	return cmd
}

func (c *verifyCmd) Run(ctx context.Context, std command.IO) (err error) {
	from, err := c.open(std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	var kept io.Reader
	if c.Heads != "" {
		f, err := os.Open(c.Heads)
		if err != nil {
			return &gate.Error{Code: "heads_unreadable", Err: err, Text: fmt.Sprintf("The kept heads cannot be read: %s.", err)}
		}
		defer f.Close()
		kept = f
	}
	keys := &passkey.Audit{Origin: c.Origin}
	audit, err := ledger.AuditOf(ctx, overheard{from, keys.Record}, kept, tellBroken(std.Out))
	if err != nil {
		return unreadable(err)
	}
	for _, b := range keys.Broken() {
		audit.Broken++
		if err := tellBroken(std.Out)(b); err != nil {
			return err
		}
	}
	if err := summarise(std.Out, from.name, audit); err != nil {
		return err
	}
	if keys.Keys > 0 {
		_, err = fmt.Fprintf(std.Out, "%s and %s verify.\n", words.Plural(keys.Keys, "passkey"), words.Plural(keys.Proofs, "signature"))
	}
	return err
}

// overheard is a ledger of which somebody hears each record.
type overheard struct {
	ledger.Source
	hears func(ledger.Record)
}

func (o overheard) Walk(ctx context.Context, record func(ledger.Record) error, broken func(ledger.Broken) error) error {
	return o.Source.Walk(ctx, func(r ledger.Record) error {
		o.hears(r)
		return record(r)
	}, broken)
}

// tellBroken prints one line for each thing that is broken.
func tellBroken(w io.Writer) func(ledger.Broken) error {
	return func(b ledger.Broken) error {
		where := "the ledger"
		switch {
		case b.Stream != "" && b.Version > 0:
			where = fmt.Sprintf("%s version %d", b.Stream, b.Version)
		case b.Stream != "":
			where = b.Stream
		}
		_, err := fmt.Fprintf(w, "broken  %s: %s\n", command.OneLine(where), command.OneLine(b.Why))
		return err
	}
}

// summarise says in two lines what an audit came to.
func summarise(w io.Writer, name string, a *ledger.Audit) error {
	span := ""
	if a.Records > 0 {
		span = fmt.Sprintf(", from %s to %s", a.First.Format("2006-01-02 15:04:05"), a.Last.Format("2006-01-02 15:04:05"))
	}
	state := "whole"
	if a.Broken > 0 {
		state = fmt.Sprintf("BROKEN in %d places", a.Broken)
	}
	if _, err := fmt.Fprintf(w, "%s: %s. %d records in %d streams%s.\nThe heads have digest %s.\n",
		command.OneLine(name), state, a.Records, a.Streams, span, a.Heads); err != nil {
		return err
	}
	if a.Broken > 0 {
		return command.ErrBroken
	}
	return nil
}
