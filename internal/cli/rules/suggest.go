package rules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/service"
	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/suggest"
)

type suggestCmd struct {
	config.Flags
	Rules    string
	OrgRules string
	Repo     string
	Owner    string
	Clean    int
	Since    string
	Write    bool
	JSON     bool
}

const suggestHelp = `Reads what became of past changes and proposes what the rules file could ask
less for, or should ask more for, with the figures, as a difference that a human
merges. It changes nothing by itself.

A release is clean where a change was held, released by approvals, merged, and
not taken back. One denial, override or revert keeps a rule from being relaxed;
one revert, or two denials or overrides, propose to ask for more.

Never relaxed are the packs gate, secrets and backups: they guard the gate
itself, what opens everything else, and what all of it is restored from, so that
whoever got past them could also make the evidence. Nor is what is critical, or
can come upon something critical, or upon something graver than what was
released: there one change that should have been held outweighs any number that
need not have been. Nor is what another file owns: a repository does not lower
the organisation's rules. Approvers who click without looking make evidence too:
read the changes behind the figures before you merge.`

func suggestCommand(std command.IO) *cobra.Command {
	c := &suggestCmd{}
	cmd := command.New(std, c, "suggest",
		"Propose what the rules could ask less for, or should ask more for, by what is on record.", suggestHelp)
	f := cmd.Flags()
	f.StringVar(&c.Rules, "rules", "", "The repository's rules `FILE`, of which a change is proposed.")
	f.StringVar(&c.OrgRules, "org-rules", "", "`FILE` with the organisation's rules: the floor; without --rules the file of "+
		"which a change is proposed.")
	f.StringVar(&c.Repo, "repo", "", "The history of `OWNER/NAME` counts for --rules; needed where the ledger knows several repositories.")
	f.StringVar(&c.Owner, "owner", "", "The history of `OWNER` counts for --org-rules alone; needed where the ledger knows several owners.")
	f.IntVar(&c.Clean, "clean", 20, "`N` clean releases speak for asking less.")
	f.StringVar(&c.Since, "since", "30d", "How far back the evidence reaches, and the ledger has to: in `DAYS`, as in 30d.")
	f.BoolVar(&c.Write, "write", false, "Write the proposed file instead of printing the difference. Nothing is sent anywhere.")
	f.BoolVar(&c.JSON, "json", false, "Print as JSON.")
	c.DefineStore(f)
	return cmd
}

func (c *suggestCmd) Run(ctx context.Context, std command.IO) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	files, err := c.files()
	if err != nil {
		return err
	}
	history, err := c.history(ctx, std)
	if err != nil {
		return err
	}
	if err := c.whose(history, &options); err != nil {
		return err
	}
	report, err := suggest.Suggest(history, files, options)
	var problems rulesfile.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Fprintln(std.Err, p)
		}
		return command.ErrReported
	}
	if err != nil {
		return err
	}
	if c.Write && len(report.Proposals) > 0 {
		if err := c.write(files, report); err != nil {
			return err
		}
	}
	return c.print(std, report)
}

func (c *suggestCmd) print(std command.IO, report *suggest.Report) error {
	if c.JSON {
		return command.WriteJSON(std.Out, report)
	}
	text := report.Print(!c.Write)
	if c.Write && len(report.Proposals) > 0 {
		text += fmt.Sprintf("\n%s: written; read it, then commit it\n", c.target())
	}
	_, err := io.WriteString(std.Out, text)
	return err
}

func (c *suggestCmd) options() (suggest.Options, error) {
	o := suggest.Options{Now: time.Now(), Clean: c.Clean, Repository: c.Repo, Owner: c.Owner}
	n, err := strconv.Atoi(strings.TrimSuffix(c.Since, "d"))
	switch {
	case c.Rules == "" && c.OrgRules == "":
		return o, command.Usage("Name the rules file of which a change is to be proposed: --rules FILE, or --org-rules FILE.")
	case err != nil || !strings.HasSuffix(c.Since, "d") || n < 1 || n > 3650:
		return o, command.Usage("--since must be a number of days from 1d to 3650d.")
	case c.Clean < 1:
		return o, command.Usage("--clean must be 1 at least.")
	case c.Rules != "" && c.Owner != "":
		return o, command.Usage("--owner is for --org-rules alone; beside --rules say --repo OWNER/NAME.")
	case c.Rules == "" && c.Repo != "":
		return o, command.Usage("--repo is for --rules; the history of all repositories counts for the organisation's file.")
	case c.Repo != "" && strings.Count(c.Repo, "/") != 1:
		return o, command.Usage("--repo must be OWNER/NAME.")
	}
	o.Since = time.Duration(n) * 24 * time.Hour
	return o, nil
}

// target is the file that is changed.
func (c *suggestCmd) target() string {
	if c.Rules != "" {
		return c.Rules
	}
	return c.OrgRules
}

func (c *suggestCmd) files() (files suggest.Files, err error) {
	if files.Org, err = rulesSource(c.OrgRules); err != nil {
		return files, err
	}
	files.Repo, err = rulesSource(c.Rules)
	return files, err
}

// rulesSource reads a rules file. In the difference it is called what it is in
// its repository, so that the difference can be applied there.
func rulesSource(name string) (*rulesfile.Source, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, &gate.Error{Code: "rules_unreadable", Text: err.Error(), Err: err}
	}
	shown := filepath.Base(name)
	if whole, err := filepath.Abs(name); err == nil && strings.HasSuffix(filepath.ToSlash(whole), "/"+policy.FileName) {
		shown = policy.FileName
	}
	return &rulesfile.Source{Name: shown, Text: text}, nil
}

// tailSize is how many records are read at once.
const tailSize = 512

// history reads the whole ledger. A SQLite file that is not there is not made.
func (c *suggestCmd) history(ctx context.Context, std command.IO) (*suggest.History, error) {
	cfg, err := config.Store(c.Flags, std.Getenv, os.ReadFile)
	if err != nil {
		return nil, err
	}
	if path, ok := strings.CutPrefix(cfg.Store, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil,
				&gate.Error{Code: "store_unavailable",
					Text: fmt.Sprintf("There is no ledger at %s: say where it is with --store or GATEHOLD_STORE.", path), Err: err}
		}
	}
	store, _, err := service.OpenStore(cfg)
	if err != nil {
		return nil, err
	}
	history := suggest.NewHistory()
	for shard := range ledger.Shards {
		if err = readShard(ctx, store, shard, history); err != nil {
			break
		}
	}
	return history, errors.Join(err, store.Close())
}

func readShard(ctx context.Context, store ledger.Store, shard int, into *suggest.History) error {
	var at ledger.Cursor
	for {
		records, next, err := store.Tail(ctx, shard, at, tailSize)
		if err != nil {
			return &gate.Error{Code: "store_unavailable", Text: "The ledger cannot be read: " + err.Error(), Err: err}
		}
		for _, r := range records {
			if !suggest.Wants(r.Stream) {
				continue
			}
			ev, err := gate.Decode(r.Kind, r.Body)
			if err != nil {
				return &gate.Error{Code: "ledger_unreadable",
					Text: "The ledger holds what this version cannot read; use the version that serve runs: " + err.Error(), Err: err}
			}
			into.Add(r.Stream, gate.Entry{Version: r.Version, At: r.At, Event: ev})
		}
		at = next
		if len(records) < tailSize {
			return nil
		}
	}
}

// whose finds out which history is meant, where there is only one.
func (c *suggestCmd) whose(h *suggest.History, o *suggest.Options) error {
	known := h.Repositories()
	if c.Rules == "" {
		known = owners(known)
	}
	said, flag := o.Repository, "--repo"
	if c.Rules == "" {
		said, flag = o.Owner, "--owner"
	}
	for _, name := range known {
		if said == "" && len(known) == 1 || strings.EqualFold(name, said) {
			said = name
			if c.Rules == "" {
				o.Owner = name
			} else {
				o.Repository = name
			}
			return nil
		}
	}
	switch {
	case len(known) == 0:
		return &gate.Error{Code: "no_history", Text: "The ledger holds no pull request."}
	case said == "":
		return command.Usage("Say whose history counts with %s: the ledger knows %s.", flag, some(known))
	}
	return &gate.Error{Code: "no_history", Text: fmt.Sprintf("The ledger knows nothing of %s; it knows %s.", said, some(known))}
}

func owners(repositories []string) (out []string) {
	for _, name := range repositories {
		owner, _, _ := strings.Cut(name, "/")
		if len(out) == 0 || !strings.EqualFold(out[len(out)-1], owner) {
			out = append(out, owner)
		}
	}
	return out
}

// some lists the first few names.
func some(names []string) string {
	const shown = 10
	text := strings.Join(names[:min(len(names), shown)], ", ")
	if n := len(names) - shown; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// write puts the proposed text in the place of the one that was read.
func (c *suggestCmd) write(files suggest.Files, report *suggest.Report) error {
	read := files.Repo
	if read == nil {
		read = files.Org
	}
	name := c.target()
	now, err := os.ReadFile(name)
	if err == nil && !bytes.Equal(now, read.Text) {
		return &gate.Error{Code: "rules_moved", Text: name + " was changed meanwhile, and is left as it is."}
	}
	if err == nil {
		err = os.WriteFile(name, []byte(report.Text), 0o644)
	}
	if err != nil {
		return &gate.Error{Code: "output_unwritable", Text: err.Error(), Err: err}
	}
	return nil
}
