package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/redis"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
)

func ledgerCommand(std command.IO) *cobra.Command {
	return command.Group("ledger", "Verify and export the record of everything.", verifyCommand(std), exportCommand(std))
}

// ledgerFrom says which ledger a command reads.
type ledgerFrom struct {
	config.Flags
	File string
}

const ledgerFile = "FILE is a SQLite ledger or an export; - is an export on standard input. Without one, the configured ledger is read.\n\n"

func (c *ledgerFrom) define(cmd *cobra.Command) {
	cmd.Args = command.Optional(&c.File)
	c.DefineStore(cmd.Flags())
}

// source is a ledger that is read once.
type source struct {
	ledger.Source
	name  string // for people: no password
	close func() error
}

// open finds the ledger. Nothing is written to it, and none is made.
func (c *ledgerFrom) open(std command.IO) (source, error) {
	if c.File != "" {
		return openFile(c.File, std)
	}
	cfg, err := config.Store(c.Flags, std.Getenv, os.ReadFile)
	if err != nil {
		return source{}, err
	}
	if path, ok := strings.CutPrefix(cfg.Store, "sqlite:"); ok {
		return openSQLite(path)
	}
	store, err := redis.Open(cfg.Store, redis.Options{})
	if err != nil {
		return source{}, unreadable(err)
	}
	return source{store, "the Redis ledger", store.Close}, nil
}

// openFile tells a SQLite file from an export by how it begins.
func openFile(path string, std command.IO) (source, error) {
	if path == "-" {
		return source{ledger.Exported(std.In), "the export", func() error { return nil }}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return source{}, unreadable(err)
	}
	magic := make([]byte, 16)
	n, err := io.ReadFull(f, magic)
	if bytes.Equal(magic[:n], []byte("SQLite format 3\x00")) {
		if err := f.Close(); err != nil {
			return source{}, unreadable(err)
		}
		return openSQLite(path)
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return source{}, errors.Join(unreadable(err), f.Close())
	}
	return source{ledger.Exported(io.MultiReader(bytes.NewReader(magic[:n]), f)), path, f.Close}, nil
}

func openSQLite(path string) (source, error) {
	reader, err := sqlite.OpenReader(path)
	if err != nil {
		return source{}, unreadable(err)
	}
	return source{reader, path, reader.Close}, nil
}

func unreadable(err error) error {
	return &gate.Error{Code: "store_unavailable", Err: err,
		Text: fmt.Sprintf("The ledger cannot be read: %s. Say where it is: a file, --store, or GATEHOLD_STORE.",
			strings.TrimPrefix(err.Error(), "ledger: "))}
}

type verifyCmd struct {
	ledgerFrom
	Heads string
}

const verifyHelp = `Reads every record, of a SQLite file also while the service runs, and says of each
thing that is broken in which stream and at which version it is, and what was
expected there. Found are records that were changed, removed, inserted or put in
another order, and a stream that does not reach as far as its store says.

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
	audit, err := ledger.AuditOf(ctx, from, kept, tellBroken(std.Out))
	if err != nil {
		return unreadable(err)
	}
	return summarise(std.Out, from.name, audit)
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

type exportCmd struct {
	ledgerFrom
	Heads bool
}

const exportHelp = `Writes to standard output, in bounded memory, and verifies on the way: what is
broken is exported as it is and told on standard error (exit code 3). A line is a
record, its body a text: jq '.body | fromjson'. 'gatehold ledger verify FILE' needs
nothing else.`

func exportCommand(std command.IO) *cobra.Command {
	c := &exportCmd{}
	cmd := command.New(std, c, "export [FILE]", "Write the whole ledger as lines of JSON, or the heads of its streams.", ledgerFile+exportHelp)
	cmd.Flags().BoolVar(&c.Heads, "heads", false, "Only the head of each stream: version, hash and name. Keep them where nobody can "+
		"write who can write to the ledger.")
	c.define(cmd)
	return cmd
}

func (c *exportCmd) Run(ctx context.Context, std command.IO) (err error) {
	from, err := c.open(std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	write := ledger.Export
	if c.Heads {
		write = ledger.HeadsOf
	}
	audit, err := write(ctx, from, std.Out, tellBroken(std.Err))
	if err != nil {
		return unreadable(err)
	}
	return summarise(std.Err, from.name, audit)
}
