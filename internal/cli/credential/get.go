package credential

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
)

type getCmd struct {
	identity
	Server   string
	Identity bool
	Audience []string
	Scope    string
	Repos    []string
	Wait     time.Duration
	Output   string
	ID       string
}

const getHelp = `Shows who this job is by its identity token, and asks gatehold for the credential of
this id in the rules. While the gate is held it waits. In GitHub Actions the token is
masked in the log and written to the step's output "token"; elsewhere it is printed.
It ends with the job, with the gate, or by its time.`

func getCommand(std command.IO) *cobra.Command {
	c := &getCmd{}
	cmd := command.New(std, c, "get ID", "Get a credential for this job.", getHelp)
	cmd.Args = command.Argument(&c.ID)
	f := cmd.Flags()
	f.StringVar(&c.Server, "server", "", "Ask the gatehold at `URL` (GATEHOLD_SERVER).")
	f.BoolVar(&c.Identity, "oidc", false, "Get an identity for a cloud, and not a token for GitHub.")
	f.StringSliceVar(&c.Audience, "audience", nil, "`AUDIENCE` of that identity, where the rules allow several.")
	f.StringVar(&c.Scope, "scope", "", "Less `PERMISSIONS` than the rules allow, as in contents:write,packages:read.")
	f.StringSliceVar(&c.Repos, "repo", nil, "Only for the repository `NAME`, of those that the rules allow.")
	f.DurationVar(&c.Wait, "wait", 10*time.Minute, "Wait so long for the gate.")
	f.StringVar(&c.file, "identity", "", "`FILE` with an identity token of another issuer than GitHub Actions.")
	f.StringVar(&c.Output, "output", "", "Write the credential to `FILE`, which only you can read.")
	return cmd
}

func (c *getCmd) Run(ctx context.Context, std command.IO) error {
	s, err := openServer(c.Server, std)
	if err != nil {
		return err
	}
	form := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token_type": {"urn:ietf:params:oauth:token-type:jwt"},
		"credential": {c.ID},
	}
	if c.Identity {
		form.Set("requested_token_type", "urn:ietf:params:oauth:token-type:jwt")
	}
	if c.Scope != "" {
		form.Set("scope", strings.Join(strings.FieldsFunc(c.Scope, func(r rune) bool { return r == ',' || r == ' ' }), " "))
	}
	for _, a := range c.Audience {
		form.Add("audience", a)
	}
	for _, name := range c.Repos {
		form.Add("resource", name)
	}
	got, err := c.wait(ctx, std, s, form)
	if err != nil {
		return err
	}
	return c.hand(std, got)
}

// wait asks until the gate is open, or time is up.
func (c *getCmd) wait(ctx context.Context, std command.IO, s *server, form url.Values) (answer, error) {
	limited, cancel := context.WithTimeout(ctx, max(c.Wait, time.Second))
	defer cancel()
	said := ""
	for {
		token, err := c.token(ctx, s.base, std) // each is good for minutes, and for one credential
		if err != nil {
			return answer{}, err
		}
		form.Set("subject_token", token)
		got, interval, err := s.ask(ctx, "/token", form)
		if err == nil || interval == 0 || c.Wait == 0 {
			return got, err
		}
		if text := gate.AsError(err).Text; text != said {
			fmt.Fprintln(std.Err, text)
			said = text
		}
		if waited := std.Wait(limited, time.Duration(min(interval, 300))*time.Second); waited != nil {
			return got, errors.Join(err, ctx.Err())
		}
	}
}

// hand gives the credential to whoever asked, where nobody else reads it.
func (c *getCmd) hand(std command.IO, got answer) error {
	inActions := std.Getenv("GITHUB_ACTIONS") == "true"
	if strings.ContainsAny(got.Token, "\r\n") {
		return &gate.Error{Code: "no_gatehold", Text: "The server's answer holds no token."}
	}
	if inActions {
		fmt.Fprintf(std.Out, "::add-mask::%s\n", got.Token)
	}
	switch output := std.Getenv("GITHUB_OUTPUT"); {
	case c.Output != "":
		if err := write(c.Output, os.O_TRUNC, got.Token+"\n"); err != nil {
			return err
		}
	case inActions && output != "":
		if err := write(output, os.O_APPEND, "token="+got.Token+"\ncredential="+got.Credential+"\n"); err != nil {
			return err
		}
	default:
		fmt.Fprintln(std.Out, got.Token)
	}
	fmt.Fprintf(std.Err, "Got the credential %s (%s), for %s at most.\n", command.OneLine(c.ID), command.OneLine(got.Credential),
		time.Duration(got.ExpiresIn)*time.Second)
	return nil
}

func write(path string, how int, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return &gate.Error{Code: "output", Text: fmt.Sprintf("The credential could not be written to %s. It ends with the job.", path), Err: err}
	}
	return nil
}

type giveBackCmd struct {
	identity
	Server string
	ID     string
}

func giveBackCommand(std command.IO) *cobra.Command {
	c := &giveBackCmd{}
	cmd := command.New(std, c, "give-back [ID]", "End what this job was given.",
		"Ends the credential that `credential get` named, or all of this job's. gatehold ends them with the job by itself; this is sooner.")
	cmd.Args = command.Optional(&c.ID)
	cmd.Flags().StringVar(&c.Server, "server", "", "Tell the gatehold at `URL` (GATEHOLD_SERVER).")
	cmd.Flags().StringVar(&c.file, "identity", "", "`FILE` with an identity token of another issuer than GitHub Actions.")
	return cmd
}

func (c *giveBackCmd) Run(ctx context.Context, std command.IO) error {
	s, err := openServer(c.Server, std)
	if err != nil {
		return err
	}
	token, err := c.token(ctx, s.base, std)
	if err != nil {
		return err
	}
	if _, _, err := s.ask(ctx, "/token/revoke", url.Values{"subject_token": {token}, "credential": {c.ID}}); err != nil {
		return err
	}
	fmt.Fprintln(std.Err, "What this job was given has ended.")
	return nil
}
