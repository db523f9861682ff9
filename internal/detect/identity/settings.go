package identity

import (
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tree"
	"github.com/gatehold/gatehold/internal/pattern"
)

// switched matches a setting that is on or off.
var switched = pattern.Of(`(?i)^\s*(?:-\s*)?(?:export\s+)?["']?([\w.-]{4,80})["']?\s*(?::=|[:=]|=>)\s*["']?(true|false|on|off|` +
	`yes|no|1|0|enabled|disabled)["']?\s*[,;]?\s*(?:[#/].*)?$`)

// guarding are words of settings that guard, opposing those that say it is not
// done.
var (
	guarding = pattern.Of(`(?i)(?:^|[._-])(?:enforce\w*|require\w*|verify|verification|validat\w+|rate_?limit\w*|throttl\w+|` +
		`protect\w*|guard\w*|fraud\w*|` +
		`captcha|recaptcha|kyc|aml|2fa|mfa|approvals?|sandbox\w*|encrypt\w*|signature\w*|signed|csrf|csp|waf|firewall|audit\w*|acl|` +
		`rbac|authori[sz]ation|` +
		`authentication|permission\w*|quota\w*|limits?|hsts|moderation|sanitiz\w+|two_?factor|lockout|brute_?force|integrity|` +
		`isolation)(?:$|[._-])`)
	opposing = pattern.Of(`(?i)(?:^|[._-])(?:skip|bypass|disable[sd]?|ignore|no|without|off|unsafe|insecure|allow|debug|mock|` +
		`dry_run)(?:$|[._-])`)
)

// switches finds settings that guard and that are off now, where they were on.
func switches(f *change.File, r *detect.Report) {
	if !config(f.Path) && !ext(".tfvars", ".jsonc")(f.Path) && !(program(f.Path) && settings().MatchString(f.Path)) ||
		strings.Contains(f.Path, ".github/") {
		return
	}
	was := map[string]string{}
	for _, l := range f.RemovedLines() {
		for _, m := range switchesOf(l.Text) {
			was[m[1]] = m[2]
		}
	}
	if len(was) == 0 {
		return
	}
	for _, l := range f.AddedLines() {
		for _, m := range switchesOf(l.Text) {
			if was[m[1]] == "" || on(was[m[1]]) == on(m[2]) {
				continue
			}
			key := snake(m[1])
			if guarding().MatchString(key) && on(m[2]) == opposing().MatchString(key) {
				r.Add(detect.Observation{Kind: kindSwitchedOff, Line: l.Number, Object: m[1], Detail: was[m[1]] + " to " + m[2]})
			}
		}
	}
}

// settings matches paths of programs that hold settings.
var settings = pattern.Of(`(?i)flag|feature|config|setting|toggle|constants|environment`)

// inJSON matches a setting within a line of JSON.
var inJSON = pattern.Of(`["']([\w.-]{4,80})["']\s*:\s*(true|false)\b`)

func switchesOf(line string) [][]string {
	if len(line) > 2000 {
		return nil
	}
	if m := switched().FindStringSubmatch(line); m != nil {
		return [][]string{m}
	}
	return inJSON().FindAllStringSubmatch(line, 50)
}

func on(v string) bool {
	switch strings.ToLower(v) {
	case "true", "on", "yes", "1", "enabled":
		return true
	}
	return false
}

// snake is a name with its words apart: enforceRateLimit is enforce_rate_limit.
func snake(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if c := name[i]; c >= 'A' && c <= 'Z' && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte('_')
		}
		b.WriteByte(name[i])
	}
	return strings.ToLower(b.String())
}

// hosts are the files in which hosts are told what headers they send.
var hosts = map[string]bool{"vercel.json": true, "now.json": true, "firebase.json": true, "staticwebapp.config.json": true,
	"render.yaml": true, "customHttp.yml": true, "amplify.yml": true, "vercel.ts": true}

// headers looks at the headers that a host's settings hold as pairs of key and
// value, over as many lines as they are written.
func headers(f *change.File, r *detect.Report) {
	if !hosts[path.Base(f.Path)] {
		return
	}
	had := map[string]bool{}
	if f.Before.State == change.Loaded {
		for _, h := range anyOrigin(f.Path, f.Before.Body) {
			had[h.Text] = true
		}
	}
	for _, h := range anyOrigin(f.Path, f.After.Body) {
		if !had[h.Text] {
			r.Add(detect.Observation{Kind: kindCORS, Line: h.Line, Object: "Access-Control-Allow-Origin", Detail: "any site"})
			return
		}
	}
}

// anyOrigin lists the values that let any site call.
func anyOrigin(p, body string) []*tree.Node {
	root, err := tree.ParseJSON(body)
	if strings.HasSuffix(p, "ml") {
		var docs []*tree.Node
		if docs, err = tree.ParseYAML(body); err == nil && len(docs) > 0 {
			root = docs[0]
		}
	}
	if err != nil {
		return nil
	}
	var out []*tree.Node
	tree.Walk(root, func(_ []string, n *tree.Node) bool {
		name := n.Get("key").Str() + n.Get("name").Str()
		if v := n.Get("value"); strings.EqualFold(name, "access-control-allow-origin") && v.Str() == "*" {
			out = append(out, v)
		}
		return true
	})
	return out
}

// consoles are pages by which whoever reaches them works the application.
var consoles = pattern.Of(`\bmount\s*\(?\s*((?:Sidekiq::Web|GoodJob::Engine|Flipper::UI\w*|PgHero::Engine|Blazer::Engine|` +
	`RailsAdmin::Engine|Resque::Server|` +
	`MissionControl::Jobs::Engine|SolidQueueDashboard\w*|Coverband\w*|Motor::Admin|Avo::Engine|Que::Web|DelayedJobWeb|` +
	`GraphiQL::Rails::Engine|` +
	`RailsPerformance::Engine|Rswag::\w+|LetterOpenerWeb::Engine|Searchjoy::Engine|Ahoy\w*|PgExtras::Web::Engine|` +
	`RailsPgExtras\w*|Lookbook::Engine)\b)|` +
	`\b(live_dashboard)\b|\b(oban_dashboard)\b|\buse\(\s*["'][^"']*["']\s*,\s*(?:\w+Adapter\.getRouter\(\)|arena|Arena\(|` +
	`bullBoard\w*|adminJs?Router|` +
	`adminRouter)|\b(UseHangfireDashboard)\(|Gate::define\(\s*["'](viewHorizon|viewTelescope|viewPulse)["'].*=>\s*true|` +
	`include\(["'](silk|debug_toolbar|django_rq|explorer)\b`)

// enclosed matches what a console stands within, or behind on its line, where
// not everybody reaches it.
var enclosed = pattern.Of(`(?i)auth|constraint|admin\?|unless|\bif\b|guard|basic|env\.|development|require|protect|` +
	`pipe_through.*admin|login|Authorization`)

// mounted finds consoles that can be reached now: new ones with nothing before
// them, and old ones that have lost what stood before them.
func mounted(f *change.File, r *detect.Report) {
	if !rails(f.Path) && !elixir(f.Path) && !server(f.Path) && !dotnet(f.Path) && !php(f.Path) && !python(f.Path) {
		return
	}
	var lines []string
	for _, l := range f.AddedLines() {
		m := consoles().FindStringSubmatch(l.Text)
		if m == nil || enclosed().MatchString(strings.Replace(l.Text, m[0], "", 1)) {
			continue
		}
		if lines == nil {
			lines = strings.Split(f.After.Body, "\n")
		}
		within := false
		if l.Number <= len(lines) {
			above(lines, l.Number-1, func(line string) bool {
				within = enclosed().MatchString(line)
				return !within
			})
		}
		if !within {
			name := m[slices.IndexFunc(m[1:], func(s string) bool { return s != "" })+1] // the whole where no group is
			r.Add(detect.Observation{Kind: kindConsole, Line: l.Number, Object: name})
		}
	}
}

// yes finds functions that ask who may and that say yes to everybody now.
func yes(f *change.File, r *detect.Report) {
	if !program(f.Path) || f.Before.State != change.Loaded || len(f.RemovedLines()) == 0 {
		return
	}
	var lines []string
	for _, l := range f.AddedLines() {
		if !saysYes().MatchString(l.Text) {
			continue
		}
		if lines == nil {
			lines = strings.Split(f.After.Body, "\n")
		}
		if l.Number > len(lines) {
			return
		}
		above(lines, l.Number-1, func(line string) bool {
			if name := declared(line); name != "" && asksWho().MatchString(snake(name)) &&
				strings.Contains(f.Before.Body, strings.TrimSpace(line)) && straight(lines[:l.Number-1], line) {
				r.Add(detect.Observation{Kind: kindGuardRemoved, Line: l.Number, Object: name, Detail: "says yes to everybody"})
			}
			return false
		})
	}
}

// straight reports whether nothing between the line that declares a function and
// the end of lines answers or takes a branch: then what follows is its answer,
// whatever it does before.
func straight(lines []string, declares string) bool {
	for i := len(lines) - 1; i >= 0 && i > len(lines)-40; i-- {
		if lines[i] == declares {
			return true
		}
		if branches().MatchString(lines[i]) {
			return false
		}
	}
	return false
}

var branches = pattern.Of(`^[\s}]*(?:return|if|elif|elsif|else|unless|case|when|switch|match|for|while|except|rescue|catch|throw|raise|` +
	`select|guard)\b`)

var saysYes = pattern.Of(`^\s*return\s+(?:true|True|nil|next\(\)|true;|next\(\);)\s*;?\s*$`)

var asksWho = pattern.Of(`(?:^|_)(?:is|has|can|may|check|verify|authori[sz]e|authenticate|require|ensure|allow|` +
	`validate)(?:_\w+)*_?(?:admin|perm\w*|auth\w*|owner|` +
	`access|role|login|allowed|user|staff|token|signature|session|member|scope)?(?:$|_)|authorized|authenticated|permitted|allowed`)
