package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/cli/service"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/admin"
	"github.com/gatehold/gatehold/internal/hub/inbox"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesets"
	"github.com/gatehold/gatehold/internal/rulesfile"
)

// permissionGaps are sentences' ends: "checks: write".
type permissionGaps struct {
	lacking, dangerous, needless []string
}

// dangerous permissions, written, undo the gate or what it guards.
var dangerous = []string{"administration", "organization_administration", "contents", "workflows", "secrets", "environments",
	"organization_secrets"}

var ranks = []string{"", "read", "write", "admin"}

func comparePermissions(has, needs map[string]string) (out permissionGaps) {
	for _, name := range slices.Sorted(maps.Keys(needs)) {
		if slices.Index(ranks, has[name]) < slices.Index(ranks, needs[name]) {
			out.lacking = append(out.lacking, name+": "+needs[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		level := has[name]
		if rank := slices.Index(ranks, level); rank >= 0 && rank <= slices.Index(ranks, needs[name]) {
			continue
		}
		if level != "read" && slices.Contains(dangerous, name) {
			out.dangerous = append(out.dangerous, name+": "+level)
		} else {
			out.needless = append(out.needless, name+": "+level)
		}
	}
	return out
}

func (d *doctor) installations(ctx context.Context, most int) {
	all, err := d.hub.Installations(ctx)
	if err != nil {
		d.failed("installations", err)
		return
	}
	if len(all) == 0 {
		d.say(fail, "installations", "Install it from the App's page.", "The App is installed nowhere.")
	}
	looked, total := 0, 0
	for _, in := range all {
		if !d.installation(in) {
			continue
		}
		d.quota(ctx, in)
		repos, err := d.hub.RepositoriesOf(ctx, in.ID)
		if err != nil {
			d.failed("repositories", err)
			continue
		}
		total += len(repos)
		org, orgKnown := d.orgRules(ctx, repos)
		for _, repo := range repos[:min(len(repos), most-looked)] {
			looked++
			d.repository(ctx, repo, org, orgKnown)
		}
	}
	if looked < total {
		d.say(warn, "repositories", "Give --repos to look into more.", "%d of %d repositories were looked into.", looked, total)
	}
}

// installation says how the App stands with one account. False: nothing can be
// asked there.
func (d *doctor) installation(in admin.Installation) bool {
	if in.Suspended {
		d.say(warn, "installations", "An owner can take that back in the organisation's settings.",
			"%s has suspended the App: nothing is held there.", in.Account)
		return false
	}
	judged := comparePermissions(in.Permissions, admin.Permissions())
	if len(judged.lacking) > 0 {
		d.say(fail, "installations", fmt.Sprintf("An owner accepts them on the settings page of the installation %d.", in.ID),
			"%s has not given the App %s.", in.Account, strings.Join(judged.lacking, ", "))
	}
	var deaf []string
	for _, e := range inbox.Events() {
		if !slices.Contains(in.Events, e) {
			deaf = append(deaf, e)
		}
	}
	if len(deaf) > 0 && len(judged.lacking) == 0 {
		d.say(fail, "installations",
			fmt.Sprintf("An owner accepts what the App asks for on the settings page of the installation %d.", in.ID),
			"%s does not tell the App of %s.", in.Account, strings.Join(deaf, ", "))
	}
	if len(judged.dangerous) > 0 {
		d.say(warn, "installations", "Take them away from the App.", "DANGER: on %s the App has %s.", in.Account,
			strings.Join(judged.dangerous, ", "))
	}
	switch {
	case !in.All:
		d.say(warn, "installations", "Give it all repositories, unless the others are meant to go ungated.",
			"%s lets the App see selected repositories only; new ones are not gated, and the organisation's rules apply "+
				"only if its .github repository is among them.", in.Account)
	case len(judged.lacking)+len(deaf) == 0:
		d.say(fine, "installations", "", "%s, on all repositories, with all permissions accepted.", in.Account)
	}
	return true
}

func (d *doctor) quota(ctx context.Context, in admin.Installation) {
	quotas, err := d.hub.Quotas(ctx, in.ID)
	if err != nil {
		d.failed("quota", err)
		return
	}
	var left []string
	state := fine
	for _, q := range quotas {
		left = append(left, fmt.Sprintf("%d of %d (%s, until %s)", q.Left, q.Limit, q.Name, q.Reset.UTC().Format("15:04 MST")))
		switch {
		case q.Left == 0:
			state = fail
		case q.Left < q.Limit/10 && state == fine:
			state = warn
		}
	}
	switch {
	case len(left) == 0:
		d.say(fine, "quota", "", "%s: GitHub sets no limit.", in.Account)
	case state == fine:
		d.say(fine, "quota", "", "%s: %s left.", in.Account, strings.Join(left, ", "))
	default:
		d.say(state, "quota", "Look for what uses it up; gatehold waits until it is full again.", "%s: only %s left.",
			in.Account, strings.Join(left, ", "))
	}
}

// orgRules parses the organisation's rules file, where the App sees it. False:
// it is there and cannot be used, which holds every change.
func (d *doctor) orgRules(ctx context.Context, repos []gate.Repo) (*rulesfile.File, bool) {
	i := slices.IndexFunc(repos, func(r gate.Repo) bool { return strings.EqualFold(r.Name, ".github") })
	if i < 0 {
		return nil, true
	}
	_, file, err := d.hub.DefaultRules(ctx, repos[i])
	if err != nil {
		d.failed("rules", err)
		return nil, false
	}
	parsed, err := parseFound(file)
	if err == nil && parsed != nil {
		_, err = policy.Compile(parsed, nil)
	}
	if err != nil {
		d.rulesProblem(file.Name, err)
		return nil, false
	}
	if parsed != nil {
		d.say(fine, "rules", "", "%s is in order; it is the organisation's floor.", file.Name)
	}
	return parsed, true
}

// repository looks into one repository: its rules file, whether the check is
// required, its environments.
func (d *doctor) repository(ctx context.Context, repo gate.Repo, org *rulesfile.File, orgKnown bool) {
	branch, file, err := d.hub.DefaultRules(ctx, repo)
	if err != nil {
		d.failed("rules", err)
		return
	}
	if branch == "" { // nothing can be merged into it yet
		return
	}
	own := !strings.EqualFold(repo.Name, ".github") // its file is the organisation's, and was told
	parsed, err := parseFound(file)
	if err == nil && orgKnown {
		if own {
			_, err = policy.Compile(org, parsed)
		} else {
			_, err = policy.Compile(parsed, nil)
		}
	}
	switch {
	case err != nil && own:
		d.rulesProblem(file.Name, err)
	case err == nil && parsed != nil && own:
		d.say(fine, "rules", "", "%s is in order.", file.Name)
	}
	d.required(ctx, repo, branch, parsed != nil || org != nil || err != nil || !orgKnown)
	d.paths(ctx, repo, d.environments(ctx, repo))
}

// parseFound parses what was found; nil where there is no file.
func parseFound(file change.RulesFile) (*rulesfile.File, error) {
	switch file.State {
	case change.RulesAbsent:
		return nil, nil
	case change.RulesFound:
		return rulesfile.Parse(rulesfile.Source{Name: file.Name, Text: file.Text})
	}
	return nil, &gate.Error{Code: "rules_refused", Text: file.Reason}
}

func (d *doctor) rulesProblem(name string, err error) {
	const do = "gatehold rules check says what is wrong in a file, with line and column. Until it is mended, every change is held."
	var problems rulesfile.Problems
	if errors.As(err, &problems) && len(problems) > 0 {
		more := ""
		if len(problems) > 1 {
			more = fmt.Sprintf(" (and %d more)", len(problems)-1)
		}
		d.say(fail, "rules", do, "%s cannot be used: %s%s", name, problems[0], more)
		return
	}
	d.say(fail, "rules", do, "%s cannot be used: %s", name, gate.AsError(err).Text)
}

// required says whether a merge into the default branch waits for the check. A
// repository without rules only watches, so there it is no failure yet.
func (d *doctor) required(ctx context.Context, repo gate.Repo, branch string, enforces bool) {
	e, on, err := d.guard().Branch(ctx, repo, branch, &gate.Lanes{Default: branch})
	if err != nil {
		d.failed("required", err)
		return
	}
	says := fmt.Sprintf("%s %s: %s", repo.FullName(), branch, on.Says)
	switch {
	case e.Enforced:
		d.say(fine, "required", "", "%s", says)
		for _, who := range e.Bypass {
			d.say(warn, "required", "", "%s %s: %s", repo.FullName(), branch, who)
		}
	case e.Unknown != "":
		d.say(warn, "required", "", "%s %s: %s %s", repo.FullName(), branch, on.Says, e.Unknown)
	case on.Standing == rulesets.Missing && !enforces:
		d.say(warn, "required", "It has no rules yet, so nothing would be held; require the check before you add them.", "%s", says)
	default:
		d.say(fail, "required", fmt.Sprintf("gatehold require --repo %s, with an administrator's token.", repo.FullName()), "%s", says)
	}
}

func (d *doctor) guard() service.Guard { return service.Guard{Hub: d.hub, App: d.cfg.AppID} }

// environments are looked at where the App can be asked at all.
func (d *doctor) environments(ctx context.Context, repo gate.Repo) []gate.Enforcement {
	if !slices.Contains(d.app.Events, "deployment_protection_rule") {
		return nil
	}
	found, total, err := d.guard().Environments(ctx, repo)
	if err != nil {
		d.failed("environments", err)
		return nil
	}
	for _, e := range found {
		if !e.Enforced {
			d.say(warn, "environments", fmt.Sprintf("gatehold require --environment '%s:%s', with an administrator's token.",
				repo.FullName(), e.Environment),
				"%s deploys to %s without asking gatehold.", repo.FullName(), e.Environment)
			continue
		}
		d.say(fine, "environments", "", "%s asks gatehold before deployments to %s.", repo.FullName(), e.Environment)
		for _, who := range e.Bypass {
			d.say(warn, "environments", "", "%s %s: %s", repo.FullName(), e.Environment, who)
		}
	}
	if len(found) < total {
		d.say(warn, "environments", "", "%s has %d environments; %d were looked at.", repo.FullName(), total, len(found))
	}
	return found
}
