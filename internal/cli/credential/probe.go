package credential

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
)

type probeCmd struct {
	identity
	Server string
	JSON   bool
	ID     string
}

const probeHelp = `Asks gatehold, as this job, for what must be refused: with tokens that prove nothing,
for another audience, for what no rule names, and for more than the rules allow. What
is given all the same is given back at once and is an alarm: exit code 1. Run it on a
schedule, in a workflow that the rules name for no credential but ID, if for any.`

// ProbeCommand asks for what must be refused.
func ProbeCommand(std command.IO) *cobra.Command {
	c := &probeCmd{}
	cmd := command.New(std, c, "probe [ID]", "Ask for credentials that must be refused, and alarm if one is given.", probeHelp)
	cmd.Args = command.Optional(&c.ID)
	f := cmd.Flags()
	f.StringVar(&c.Server, "server", "", "Ask the gatehold at `URL` (GATEHOLD_SERVER).")
	f.StringVar(&c.file, "identity", "", "`FILE` with an identity token of another issuer than GitHub Actions.")
	f.BoolVar(&c.JSON, "json", false, "Print as JSON.")
	return cmd
}

// probed is one question with its answer.
type probed struct {
	What   string `json:"what"`
	Code   string `json:"code"` // of the refusal
	Given  bool   `json:"given,omitempty"`
	Unsure bool   `json:"unsure,omitempty"` // it was not refused for good: nobody knows
}

// question is what is asked, and by which token.
type question struct {
	what  string
	token func(ctx context.Context) (string, error)
	form  url.Values
}

func (c *probeCmd) Run(ctx context.Context, std command.IO) error {
	s, err := openServer(c.Server, std)
	if err != nil {
		return err
	}
	own := func(ctx context.Context) (string, error) { return c.token(ctx, s.base, std) }
	out := []probed{}
	for _, q := range c.questions(own, std) {
		token, err := q.token(ctx)
		if err != nil {
			return err
		}
		out = append(out, put(ctx, s, q, token, own))
	}
	if c.JSON {
		err = command.WriteJSON(std.Out, out)
	} else {
		err = printProbed(std, out)
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(out, func(p probed) bool { return p.Given }) {
		return &gate.Error{Code: "probe_given", Text: "gatehold gave what it must refuse. It was given back: look at the rules and the " +
			"issuers at once."}
	}
	if slices.ContainsFunc(out, func(p probed) bool { return p.Unsure }) {
		return &gate.Error{Code: "probe_unsure", Text: "Not all was refused for good, so it is not known whether all would be. Try again."}
	}
	return nil
}

// questions are those that must be refused. With an id, also more of that credential than
// any rules give.
func (c *probeCmd) questions(own func(context.Context) (string, error), std command.IO) []question {
	said := func(text string) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return text, nil }
	}
	id := command.FirstOf(c.ID, "gatehold-probe")
	ask := func(more ...string) url.Values {
		form := url.Values{"credential": {id}}
		for i := 0; i+1 < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return form
	}
	list := []question{
		{"a token of nobody", said("a.b.c"), ask()},
		{"a token without a signature", unsigned(own), ask()},
		{"a token with another payload", altered(own), ask()},
		{"a credential that no rule names", own, url.Values{"credential": {"gatehold-probe-none"}}},
		{"the right to administer", own, ask("scope", "administration:write")},
		{"a repository of nobody", own, ask("resource", "gatehold-probe-none")},
	}
	if c.file == "" {
		list = append(list, question{"a token for another audience", func(ctx context.Context) (string, error) {
			return c.token(ctx, "https://gatehold.invalid", std)
		}, ask()})
	}
	return list
}

// unsigned has a token say that it needs no signature.
func unsigned(own func(context.Context) (string, error)) func(context.Context) (string, error) {
	return remade(own, func(parts []string) {
		parts[0] = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
		parts[2] = ""
	})
}

// altered has a token say something else than was signed.
func altered(own func(context.Context) (string, error)) func(context.Context) (string, error) {
	return remade(own, func(parts []string) {
		text, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil {
			text = []byte("{}")
		}
		parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(text), "{", `{"probe":true,`, 1)))
	})
}

func remade(own func(context.Context) (string, error), change func(parts []string)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		token, err := own(ctx)
		parts := strings.Split(token, ".")
		if err != nil || len(parts) != 3 {
			return token, err
		}
		change(parts)
		return strings.Join(parts, "."), nil
	}
}

// put asks one question, and gives back what it should not have been given.
func put(ctx context.Context, s *server, q question, token string, own func(context.Context) (string, error)) probed {
	q.form.Set("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
	q.form.Set("subject_token", token)
	got, interval, err := s.ask(ctx, "/token", q.form)
	p := probed{What: q.what, Given: err == nil && got.Token != "", Code: gate.AsError(err).Code}
	if err == nil {
		p.Code = ""
	}
	p.Unsure = !p.Given && (interval > 0 || err == nil || got.Error == "")
	if p.Given {
		if again, err := own(ctx); err == nil {
			// Where that does not succeed, it ends with the job.
			_, _, _ = s.ask(ctx, "/token/revoke", url.Values{"subject_token": {again}, "credential": {got.Credential}})
		}
	}
	return p
}

func printProbed(std command.IO, out []probed) error {
	table := tabwriter.NewWriter(std.Out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ASKED\tANSWER")
	for _, p := range out {
		answer := "refused: " + command.OneLine(p.Code)
		switch {
		case p.Given:
			answer = "GIVEN"
		case p.Unsure:
			answer = "not known: " + command.OneLine(p.Code)
		}
		fmt.Fprintf(table, "%s\t%s\n", p.What, answer)
	}
	return table.Flush()
}
