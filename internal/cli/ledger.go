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
