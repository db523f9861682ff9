package credential

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/cli/rules"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/issuer"
	"github.com/gatehold/gatehold/internal/issuer/trust"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

type trustCmd struct {
	ID       string
	Provider string
	Format   string
	Rules    string
	Org      string
	Server   string

	Repository   string
	RepositoryID string
	Environment  string
	Audience     string
}

// trustCommand prints what a cloud has to be told.
func trustCommand(std command.IO) *cobra.Command {
	c := &trustCmd{}
	cmd := command.New(std, c, "trust ID", "Print what a cloud has to be told to believe the identity of a credential.",
		"ID is the credential's, in the rules. The conditions are the narrowest that the cloud knows: the exact subject and audience, and "+
			"by session tags or claims the credential, the repository's id, and that a gate was released. It prints, and changes nothing.")
	cmd.Args = command.Argument(&c.ID)
	f := cmd.Flags()
	f.StringVar(&c.Provider, "provider", "", "Which `CLOUD`: "+strings.Join(trust.Providers(), ", ")+".")
	f.StringVar(&c.Format, "format", trust.Terraform, "`FORMAT`: terraform, cli, and cloudformation for aws.")
	f.StringVar(&c.Rules, "rules", policy.FileName, "The repository's rules are in `FILE`.")
	f.StringVar(&c.Org, "org", "", rules.OrgHelp)
	f.StringVar(&c.Server, "server", "", "gatehold is at `URL`, by which it signs (GATEHOLD_SERVER).")
	f.StringVar(&c.Repository, "repository", "", "The job is of `OWNER/NAME`, as GitHub writes it (GITHUB_REPOSITORY).")
	f.StringVar(&c.RepositoryID, "repository-id", "", "Its `ID`, so that no other repository that gets its name is believed "+
		"(GITHUB_REPOSITORY_ID).")
	f.StringVar(&c.Environment, "environment", "", "Where the rules name none, the job deploys to `NAME`.")
	f.StringVar(&c.Audience, "audience", "", "Which `AUDIENCE`, where the rules allow several.")
	return cmd
}

// Run prints it.
func (c *trustCmd) Run(_ context.Context, std command.IO) error {
	if !slices.Contains(trust.Providers(), c.Provider) {
		return command.Usage("--provider must be one of %s.", strings.Join(trust.Providers(), ", "))
	}
	if formats := trust.Formats(c.Provider); !slices.Contains(formats, c.Format) {
		return command.Usage("--format must be one of %s for %s.", strings.Join(formats, ", "), c.Provider)
	}
	of, err := c.identity(std)
	if err != nil {
		return err
	}
	text, err := trust.Write(c.Provider, c.Format, of)
	if err != nil {
		return &gate.Error{Code: "trust_impossible", Text: "Nothing can be written: " + err.Error() + "."}
	}
	_, err = fmt.Fprint(std.Out, text)
	return err
}

var (
	repositoryForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}/[A-Za-z0-9._-]{1,100}$`)
	idForm         = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
)

// identity is what the cloud is to believe.
func (c *trustCmd) identity(std command.IO) (of trust.Identity, err error) {
	at, err := openServer(c.Server, std)
	if err != nil {
		return of, err
	}
	repository := command.FirstOf(c.Repository, std.Getenv("GITHUB_REPOSITORY"))
	if !repositoryForm.MatchString(repository) {
		return of, command.Usage("Say of which repository the job is: --repository OWNER/NAME, as GitHub writes it.")
	}
	id := command.FirstOf(c.RepositoryID, std.Getenv("GITHUB_REPOSITORY_ID"))
	if id != "" && !idForm.MatchString(id) {
		return of, command.Usage("--repository-id must be the number that GitHub's API gives the repository as its id.")
	}
	rule, err := c.rule()
	if err != nil {
		return of, err
	}
	audience, err := c.audience(rule)
	if err != nil {
		return of, err
	}
	released := slices.Contains(rule.Gate, rulesfile.GateRequired)
	environment, agent := who(rule)
	switch {
	case environment == "":
		environment = c.Environment
	case c.Environment != "" && !gate.SameEnvironment(environment, c.Environment):
		return of, command.Usage("The rules give this credential to jobs of another environment.")
	}
	if !released { // an environment is the subject of a deployment whose gate was released, and of no other
		environment = ""
	}
	return trust.Identity{
		Issuer: at.base, Subject: issuer.Subject(repository, environment, agent, rule.ID), Audience: audience, Credential: rule.ID,
		RepositoryID: id, Gate: released,
	}, nil
}

// rule is the credential as the rules together have it.
func (c *trustCmd) rule() (policy.Credential, error) {
	org, err := rules.ParseFile(c.Org)
	if err != nil {
		return policy.Credential{}, err
	}
	repo, err := rules.ParseFile(c.Rules)
	if err != nil {
		return policy.Credential{}, err
	}
	all, err := policy.Compile(org, repo)
	if err != nil {
		return policy.Credential{}, err
	}
	rule, has := all.Credential(c.ID)
	if !has {
		var names []string
		for _, o := range all.Credentials() {
			names = append(names, o.ID)
		}
		text := "The rules name no credential of this id."
		if len(names) > 0 {
			text = "The rules name no credential of this id, but: " + strings.Join(names, ", ") + "."
		}
		return rule, &gate.Error{Code: "credential_unknown", Text: text}
	}
	for name := range rule.Claims {
		if issuer.Reserved(name) { // it is refused when it is asked for: better now than then
			return rule, &gate.Error{Code: "claim_reserved",
				Text: fmt.Sprintf("The rules give this identity the claim %s, which is gatehold's own: "+
					"no identity is signed with it. Give it another name in the rules file.", name)}
		}
	}
	return rule, nil
}

func (c *trustCmd) audience(rule policy.Credential) (string, error) {
	switch {
	case len(rule.Audience) == 0:
		return "", &gate.Error{Code: "no_identity",
			Text: "This credential is no identity, and no cloud is told of it: the rules give it no audience."}
	case c.Audience != "" && !slices.Contains(rule.Audience, c.Audience):
		return "", command.Usage("The rules do not allow this audience: it is one of %s.", strings.Join(rule.Audience, ", "))
	case c.Audience == "" && len(rule.Audience) > 1:
		return "", command.Usage("The rules allow several audiences: say --audience, one of %s.", strings.Join(rule.Audience, ", "))
	case c.Audience == "":
		return rule.Audience[0], nil
	}
	return c.Audience, nil
}

// who are the environment and the agent that a credential is for, where it names them.
func who(rule policy.Credential) (environment, agent string) {
	for _, f := range rule.For {
		environment, agent = command.FirstOf(environment, f.Environment), command.FirstOf(agent, f.Agent)
	}
	return environment, agent
}
