// Package require has GitHub demand the check of each lane, by rulesets that it writes
// with an administrator's own token.
package require

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesets"
)

type requireCmd struct {
	Org          []string
	Repo         []string
	Branch       []string
	Environment  []string
	HoldCreation bool
	AppID        string
	GitHubURL    string
	TokenFile    string
	DryRun       bool
	Check        bool
	JSON         bool
}

// Command is what the command line has of this package.
func Command(std command.IO) *cobra.Command {
	c := &requireCmd{}
	cmd := command.New(std, c, "require", "Make GitHub require the check, pinned to the App, with an administrator's own token.", "")
	f := cmd.Flags()
	f.StringArrayVar(&c.Org, "org", nil, "Give the organisation `ORG` a ruleset that covers all its repositories. May be given several "+
		"times, as may --repo.")
	f.StringArrayVar(&c.Repo, "repo", nil, "Give the repository `OWNER/NAME` a ruleset of its own.")
	f.StringArrayVar(&c.Branch, "branch", nil, "`PATTERN` of branches beside the default branch, as an entry of branches in the rules has "+
		"them: release/**. Each gets a ruleset and a check of its own. Give them in the order of the rules.")
	f.StringArrayVar(&c.Environment, "environment", nil, "Make gatehold a deployment protection rule of `OWNER/NAME:ENV`.")
	f.BoolVar(&c.HoldCreation, "hold-creation", false, "The default branch, too, may be created only at a commit that has the check.")
	f.StringVar(&c.AppID, "app-id", "", "`ID` of the GitHub App (GATEHOLD_APP_ID).")
	f.StringVar(&c.GitHubURL, "github-url", "", "Base `URL` of GitHub's REST API, https://api.github.com if not given (GATEHOLD_GITHUB_URL).")
	f.StringVar(&c.TokenFile, "token-file", "", "`FILE` with an administrator's own token. Else GATEHOLD_ADMIN_TOKEN, GITHUB_TOKEN, or what "+
		"gh auth token prints. It is used for this run and kept nowhere.")
	f.BoolVar(&c.DryRun, "dry-run", false, "Print what would be sent and the difference; change nothing.")
	f.BoolVar(&c.Check, "check", false, "Change nothing; read whether the check is required, and who can bypass it. Exit code 3: it is "+
		"not enforced.")
	f.BoolVar(&c.JSON, "json", false, "Print as JSON.")
	return cmd
}

// requirer is one run of the command.
type requirer struct {
	cmd    *requireCmd
	std    command.IO
	client *rulesets.Client
	app    int64
	lanes  []gate.Lane // the default branch's first
	places []rulesets.Place
	envs   []rulesets.Environment
	failed bool
	report fullReport
}

// fullReport is the output as JSON.
type fullReport struct {
	App          int64             `json:"app"`
	Rulesets     []rulesetLine     `json:"rulesets"`
	Branches     []rulesets.Report `json:"branches"`
	Environments []environmentLine `json:"environments"`
	Errors       []string          `json:"errors"`
}

type rulesetLine struct {
	Place   string          `json:"place"`
	Check   string          `json:"check"`   // of the lane
	Ruleset int64           `json:"ruleset"` // 0: there is none yet
	Action  string          `json:"action"`  // none, create, change
	Done    bool            `json:"done"`    // false in a dry run or a check, where there is something to do
	Body    json.RawMessage `json:"body"`
	Diff    string          `json:"diff"`
	Notes   []string        `json:"notes"`
}

type environmentLine struct {
	Environment string `json:"environment"`
	Protected   bool   `json:"protected"`
	Action      string `json:"action"` // none, enable
}

func (c *requireCmd) Run(ctx context.Context, std command.IO) error {
	r, err := c.prepare(ctx, std)
	if err != nil {
		return err
	}
	held := false
	for _, at := range r.places {
		if c.Check {
			held = r.checkPlace(ctx, at) || held
		} else {
			for _, lane := range r.lanes {
				r.requirePlace(ctx, at, lane)
			}
		}
	}
	for _, e := range r.envs {
		held = r.environment(ctx, e) || held
	}
	if c.JSON {
		if err := command.WriteJSON(std.Out, r.report); err != nil {
			return err
		}
	} else if c.DryRun {
		fmt.Fprintln(std.Out, "Nothing was changed: this was a dry run.")
	}
	switch {
	case r.failed:
		return command.ErrReported
	case held:
		return command.ErrHeld
	}
	return nil
}

// prepare reads the command line whole before anything is asked of GitHub.
func (c *requireCmd) prepare(ctx context.Context, std command.IO) (*requirer, error) {
	r := &requirer{cmd: c, std: std}
	if c.DryRun && c.Check {
		return nil, command.Usage("--dry-run prints what would be changed, --check reads what is there: give one of them.")
	}
	if len(c.Org)+len(c.Repo)+len(c.Environment) == 0 {
		return nil, command.Usage("Say what for: --org ORG, --repo OWNER/NAME or --environment OWNER/NAME:ENV.")
	}
	for _, name := range c.Org {
		at, err := rulesets.ParseOrg(name)
		if err != nil {
			return nil, err
		}
		r.places = append(r.places, at)
	}
	for _, name := range c.Repo {
		at, err := rulesets.ParseRepo(name)
		if err != nil {
			return nil, err
		}
		r.places = append(r.places, at)
	}
	for _, name := range c.Environment {
		e, err := rulesets.ParseEnvironment(name)
		if err != nil {
			return nil, err
		}
		r.envs = append(r.envs, e)
	}
	var err error
	if r.lanes, err = lanesOf(c.Branch); err != nil {
		return nil, err
	}
	id := command.FirstOf(c.AppID, std.Getenv("GATEHOLD_APP_ID"))
	if r.app, err = strconv.ParseInt(id, 10, 64); err != nil || r.app <= 0 {
		return nil, command.Usage("The check must be pinned to the GitHub App: give its App ID, a number, by --app-id or GATEHOLD_APP_ID.")
	}
	address := command.FirstOf(c.GitHubURL, std.Getenv("GATEHOLD_GITHUB_URL"), "https://api.github.com")
	api, err := url.Parse(address)
	if err != nil {
		return nil, command.Usage("GitHub's address cannot be read: write for example https://api.github.com.")
	}
	token, err := adminToken(ctx, c.TokenFile, address, std)
	if err != nil {
		return nil, err
	}
	r.client, err = rulesets.New(rulesets.Config{API: api, Token: token})
	r.report = fullReport{App: r.app, Rulesets: []rulesetLine{}, Branches: []rulesets.Report{},
		Environments: []environmentLine{}, Errors: []string{}}
	return r, err
}

// plan reads the ruleset of a lane and says what it must become.
func (r *requirer) plan(ctx context.Context, at rulesets.Place, lane gate.Lane) (rulesetLine, rulesets.Planned, rulesets.Want, error) {
	trunk, err := r.trunk(ctx, at, lane)
	want := r.want(at, lane, trunk)
	if err != nil {
		return rulesetLine{}, rulesets.Planned{}, want, err
	}
	id, before, err := r.client.Find(ctx, at, lane)
	if err != nil {
		return rulesetLine{}, rulesets.Planned{}, want, err
	}
	p, err := rulesets.Plan(before, want)
	if lane != gate.DefaultLane {
		p.Notes = append(p.Notes,
			"A branch of this lane can be made only at a commit that has its check: let who cuts such branches bypass the "+
				"ruleset, or have them branch off one.")
	}
	line := rulesetLine{Place: at.String(), Check: lane.Check(), Ruleset: id, Action: "none", Body: p.After, Diff: p.Diff,
		Notes: append([]string{}, p.Notes...)}
	if p.Changed {
		line.Action = "change"
		if id == 0 {
			line.Action = "create"
		}
	}
	return line, p, want, err
}

func (r *requirer) requirePlace(ctx context.Context, at rulesets.Place, lane gate.Lane) {
	line, p, want, err := r.plan(ctx, at, lane)
	if err == nil && p.Changed && !r.cmd.DryRun {
		line.Ruleset, err = r.client.Put(ctx, at, line.Ruleset, p, want)
		line.Done = err == nil
	}
	if err != nil {
		r.fail(at.String(), err)
		return
	}
	r.report.Rulesets = append(r.report.Rulesets, line)
	name := want.Name()
	rule := fmt.Sprintf("the check %s, pinned to App %d, and pull requests on %s", name, r.app, strings.Join(want.Branches, ", "))
	switch {
	case !p.Changed:
		r.say("%s: the ruleset %q requires %s already. Nothing to change.", at, name, rule)
	case r.cmd.DryRun:
		r.say("%s: it would %s the ruleset %q, to require %s.\n", at, line.Action, name, rule)
		r.say("The request:\n%s\n", indented(p.After))
		r.say("The difference:\n%s", p.Diff)
	default:
		r.say("%s: the ruleset %q is %s. It requires %s.", at, name, strings.TrimSuffix(line.Action, "e")+"ed", rule)
		r.say("%s", strings.TrimRight(p.Diff, "\n"))
	}
	for _, note := range line.Notes {
		r.say("  Note: %s", note)
	}
}

// checkPlace reads how the branches of a repository, or the default branches
// of all of an organisation, stand. True: something is not enforced.
func (r *requirer) checkPlace(ctx context.Context, at rulesets.Place) bool {
	if at.Org == "" {
		repo, err := r.client.Repository(ctx, at)
		if err != nil {
			r.fail(at.String(), err)
			return false
		}
		return r.checkRepository(ctx, repo)
	}
	held := false
	for _, lane := range r.lanes {
		held = r.checkRuleset(ctx, at, lane) || held
	}
	repos, err := r.client.Repositories(ctx, at.Org)
	if err != nil {
		r.fail(at.String(), err)
		return held
	}
	for _, repo := range repos {
		if !repo.Archived {
			held = r.checkRepository(ctx, repo) || held
		}
	}
	return held
}

// checkRuleset reads whether a lane's ruleset of an organisation is as it has to
// be. True: it is there, and is not.
func (r *requirer) checkRuleset(ctx context.Context, at rulesets.Place, lane gate.Lane) bool {
	line, p, want, err := r.plan(ctx, at, lane)
	if err != nil {
		r.fail(at.String(), err)
		return false
	}
	r.report.Rulesets = append(r.report.Rulesets, line)
	switch line.Action {
	case "none":
		r.say("ok    %s: the ruleset %q requires the check, pinned to App %d, and pull requests.", at, want.Name(), r.app)
	case "create":
		r.say("note  %s: there is no ruleset %q of the organisation; its repositories may have their own.", at, want.Name())
	default:
		r.say("fail  %s: the ruleset %q is not as it should be. gatehold require would change:\n%s", at, want.Name(),
			strings.TrimRight(p.Diff, "\n"))
	}
	for _, note := range line.Notes {
		r.say("      Note: %s", note)
	}
	return line.Action == "change"
}

func (r *requirer) checkRepository(ctx context.Context, repo rulesets.Repository) bool {
	held := false
	for _, lane := range r.lanes {
		branch := rulesets.Sample(rulesets.LaneRefs(lane)[0], repo.DefaultBranch)
		report, err := r.client.Check(ctx, repo.Place, branch, lane, r.app)
		if err != nil {
			r.fail(repo.String(), err)
			continue
		}
		r.report.Branches = append(r.report.Branches, report)
		mark := "ok  "
		if report.Standing != rulesets.Pinned {
			mark, held = "fail", true
		}
		r.say("%s  %s %s: %s", mark, report.Repository, command.Shown(branch), report.Sentence)
		for _, b := range report.Bypass {
			r.say("      %s", b.Sentence())
		}
		for _, source := range report.Unseen {
			r.say("      Who can bypass the ruleset of %s is not shown to this token.", source)
		}
		for _, note := range report.Notes {
			r.say("      %s", note)
		}
	}
	return held
}

// environment enables the protection rule, or says whether it is there. True:
// it is not, and nothing was done about it.
func (r *requirer) environment(ctx context.Context, e rulesets.Environment) bool {
	line := environmentLine{Environment: e.Place.String() + ":" + e.Name, Action: "none"}
	on, err := r.client.Protected(ctx, e, r.app)
	if err == nil && !on {
		line.Action = "enable"
		if !r.cmd.Check && !r.cmd.DryRun {
			err = r.client.Protect(ctx, e, r.app)
			line.Protected = err == nil
		}
	}
	if err != nil {
		r.fail(e.String(), err)
		return false
	}
	line.Protected = line.Protected || on
	r.report.Environments = append(r.report.Environments, line)
	switch {
	case on && r.cmd.Check:
		r.say("ok    %s: App %d is a deployment protection rule.", e, r.app)
	case on:
		r.say("%s: App %d is a deployment protection rule already. Nothing to change.", e, r.app)
	case r.cmd.Check:
		r.say("fail  %s: App %d is no deployment protection rule: deployments go through unasked. Run gatehold require "+
			"--environment.", e, r.app)
	case r.cmd.DryRun:
		r.say("%s: it would make App %d a deployment protection rule.", e, r.app)
	default:
		r.say("%s: App %d is a deployment protection rule now.", e, r.app)
	}
	return r.cmd.Check && !on
}

func (r *requirer) say(format string, args ...any) {
	if !r.cmd.JSON {
		fmt.Fprintf(r.std.Out, format+"\n", args...)
	}
}

// fail tells of what did not work for one place and goes on to the next.
func (r *requirer) fail(what string, err error) {
	e := gate.AsError(err)
	r.failed = true
	r.report.Errors = append(r.report.Errors, what+": "+e.Text)
	fmt.Fprintf(r.std.Err, "gatehold: %s: %s (%s)\n", what, e.Text, e.Code)
}

func indented(body json.RawMessage) string {
	var b strings.Builder
	_ = command.WriteJSON(&b, body) // a Builder takes all
	return command.Shown(strings.TrimRight(b.String(), "\n"))
}
