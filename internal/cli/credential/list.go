package credential

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	"github.com/gatehold/gatehold/internal/gate/credential"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

type listCmd struct {
	config.Flags
	JSON bool
}

func listCommand(std command.IO) *cobra.Command {
	c := &listCmd{}
	cmd := command.New(std, c, "list", "List the credentials that may be valid now.",
		"Reads the ledger of serve, on the server's own machine: which credentials exist, for whom, until when, and what is being ended.")
	cmd.Flags().BoolVar(&c.JSON, "json", false, "Print as JSON.")
	c.DefineStore(cmd.Flags())
	return cmd
}

// live is a credential that may be valid.
type live struct {
	ID         string          `json:"id"`
	Rule       string          `json:"rule"`
	Type       string          `json:"type"`
	Workload   string          `json:"workload"`
	Repository string          `json:"repository"`
	Gives      string          `json:"gives"`
	State      string          `json:"state"` // minting, given, ending, lost
	Since      time.Time       `json:"since"`
	Until      time.Time       `json:"until,omitzero"`
	Gate       string          `json:"gate,omitempty"`
	Failure    string          `json:"failure,omitempty"`
	Approvers  []gate.Approver `json:"approvers,omitempty"`

	stream string
}

func (c *listCmd) Run(ctx context.Context, std command.IO) error {
	_, store, b, err := service.OpenBook(c.Flags, std.Getenv, "")
	if err != nil {
		return err
	}
	all, err := alive(ctx, store, b, time.Now())
	if err = errors.Join(err, store.Close()); err != nil {
		return err
	}
	if c.JSON {
		return command.WriteJSON(std.Out, all)
	}
	if len(all) == 0 {
		fmt.Fprintln(std.Out, "No credential is valid.")
		return nil
	}
	table := tabwriter.NewWriter(std.Out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tRULE\tFOR\tGIVES\tSTATE\tUNTIL")
	for _, l := range all {
		until := ""
		if !l.Until.IsZero() {
			until = l.Until.UTC().Format("15:04:05")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, command.OneLine(l.Rule), command.OneLine(l.Workload), command.OneLine(l.Gives),
			l.State, until)
		if l.Failure != "" {
			fmt.Fprintf(table, "\t\t%s\n", command.OneLine(l.Failure))
		}
	}
	return table.Flush()
}

// alive are the credentials that may be valid, those that end first at the beginning.
func alive(ctx context.Context, store ledger.Store, b *book.Book, now time.Time) ([]live, error) {
	names, err := store.Live(ctx, string(gate.Credential)+"/")
	if err != nil {
		return nil, err
	}
	all := []live{}
	for _, name := range names {
		f, err := b.Credentials.Load(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, r := range f.State.Live(now) {
			all = append(all, shown(f, r, now))
		}
	}
	slices.SortStableFunc(all, func(a, b live) int { return a.Until.Compare(b.Until) })
	return all, nil
}

func shown(f book.Credential, r credential.Request, now time.Time) live {
	l := live{
		ID: r.ID, Rule: r.Wish.Rule, Type: r.Grant.Type, Workload: r.Workload.Subject, Repository: f.State.Repo.FullName(), State: "given",
		Since: r.GrantAt, Gate: r.Grant.Gate, Approvers: r.Grant.Approvers, Gives: gives(r.Grant), stream: f.Name,
	}
	if job := r.Workload.Job; job != nil {
		l.Workload = fmt.Sprintf("%s run %d, attempt %d", job.FullName, job.Run, job.Attempt)
	}
	switch {
	case r.Unminted != nil:
		l.State, l.Until = "lost", r.Unminted.Lost
	case r.Minted == nil:
		l.State = "minting"
	default:
		l.Until = r.Minted.Ends
		if r.Given(now) {
			l.Until = r.Minted.Until
		} else {
			l.State = "ending"
		}
	}
	if failure := f.State.Failure; failure != nil {
		l.Failure = failure.Text
	}
	return l
}

func gives(g *gate.Grant) string {
	if g.Type == gate.IdentityToken {
		return "identity for " + strings.Join(g.Audience, ", ")
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(g.Permissions)) {
		out = append(out, name+":"+g.Permissions[name])
	}
	return strings.Join(out, " ")
}

type revokeCmd struct {
	config.Flags
	ID     string
	Reason string
}

func revokeCommand(std command.IO) *cobra.Command {
	c := &revokeCmd{}
	cmd := command.New(std, c, "revoke ID", "End a credential, as the operator.",
		"Puts it on the record of serve, on the server's own machine, that a credential is to end now; the running gatehold ends it.")
	cmd.Args = command.Argument(&c.ID)
	cmd.Flags().StringVar(&c.Reason, "reason", "", "`TEXT` that says why, for the record.")
	c.DefineStore(cmd.Flags())
	return cmd
}

func (c *revokeCmd) Run(ctx context.Context, std command.IO) (err error) {
	if c.Reason = strings.TrimSpace(c.Reason); c.Reason == "" || len(c.Reason) > 500 {
		return command.Usage("Say why, in at most 500 characters: --reason TEXT.")
	}
	_, store, b, err := service.OpenBook(c.Flags, std.Getenv, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	all, err := alive(ctx, store, b, time.Now())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(l live) bool { return l.ID == c.ID })
	if i < 0 {
		return &gate.Error{Code: "credential_unknown",
			Text: "There is no such credential, or it has ended: gatehold credential list shows which there are."}
	}
	ev := gate.Ending{ID: c.ID, Why: "revoked", Text: c.Reason, By: gate.Actor{Login: "operator"}}
	if _, err := b.Credentials.Record(ctx, all[i].stream, engine.Draft{Event: ev}); err != nil {
		return &gate.Error{Code: "store_unavailable", Text: "The ledger could not take it. Try again.", Err: err}
	}
	fmt.Fprintf(std.Out, "%s is being ended.\n", c.ID)
	return nil
}
