package cloud

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// isPolicy recognises an IAM policy document: a map with a Statement.
func isPolicy(n *tree.Node) bool {
	return n.IsMap() && (n.Has("Statement") || n.Has("statement") &&
		(n.Has("Version") || n.Has("version") || n.GetFold("statement", "0", "effect") != nil))
}

// policies reads every IAM policy document in r, and reports what is too wide
// in its Allow statements.
func policies(r *Resource) []issue {
	var out []issue
	trust := false
	found := func(doc *tree.Node, at string) {
		for _, st := range doc.GetFold("Statement").Each() {
			if st.IsMap() && !strings.EqualFold(st.GetFold("Effect").Str(), "deny") {
				out = append(out, statementIssues(r, st, at, trust)...)
			}
		}
	}
	if r.Type == "data.aws_iam_policy_document" {
		for _, st := range r.Body.Get("statement").Each() {
			if !strings.EqualFold(st.Get("effect").Str(), "deny") {
				out = append(out, statementIssues(r, dataStatement(st), "statement", false)...)
			}
		}
		return out
	}
	for _, f := range r.Body.Entries() {
		tree.Walk(f.Value, func(path []string, n *tree.Node) bool {
			doc := document(n)
			if isPolicy(doc) {
				trust = strings.HasPrefix(f.Key, "assume_role_policy")
				found(doc, f.Key)
				return false
			}
			return len(path) < 12
		})
	}
	return out
}

// dataStatement turns the block of an aws_iam_policy_document into the shape
// of a statement in JSON.
func dataStatement(st *tree.Node) *tree.Node {
	out := &tree.Node{Kind: tree.Map, Line: st.Line}
	put := func(key string, n *tree.Node) {
		if n != nil {
			out.Fields = append(out.Fields, tree.Field{Key: key, Line: n.Line, Value: n})
		}
	}
	put("Action", st.Get("actions"))
	put("NotAction", st.Get("not_actions"))
	put("Resource", st.Get("resources"))
	put("NotResource", st.Get("not_resources"))
	principal := &tree.Node{Kind: tree.Map, Line: st.Line}
	for _, p := range st.Get("principals").Each() {
		kind := p.Get("type").Str()
		if kind == "*" {
			kind = "AWS"
		}
		principal.Fields = append(principal.Fields, tree.Field{Key: kind, Line: p.At(), Value: p.Get("identifiers")})
	}
	if len(principal.Fields) > 0 {
		put("Principal", principal)
	}
	conditions := &tree.Node{Kind: tree.Map, Line: st.Line}
	for _, c := range st.Get("condition").Each() {
		inner := &tree.Node{Kind: tree.Map, Line: c.At(),
			Fields: []tree.Field{{Key: c.Get("variable").Str(), Line: c.At(), Value: c.Get("values")}}}
		conditions.Fields = append(conditions.Fields, tree.Field{Key: c.Get("test").Str(), Line: c.At(), Value: inner})
	}
	if len(conditions.Fields) > 0 {
		put("Condition", conditions)
	}
	return out
}

// statementIssues reads one Allow statement.
func statementIssues(r *Resource, st *tree.Node, at string, trust bool) []issue {
	actions := st.GetFold("Action").Strings()
	line := st.At()
	var out []issue
	add := func(c Class, key, detail string, where *tree.Node) {
		l := where.At()
		if l == 0 {
			l = line
		}
		out = append(out, issue{class: c, key: "policy:" + at + ":" + key, detail: detail, line: l})
	}
	principals := principalsOf(st)
	conditioned := narrowed(st.GetFold("Condition"))
	if anyone(principals) && (!conditioned || contains(actions, "*")) {
		c := PolicyPublic
		if trust {
			c = TrustWidened
		}
		add(c, "anyone", "anyone may "+strings.Join(short(actions), ", "), st.GetFold("Principal"))
	}
	if st.GetFold("NotPrincipal") != nil {
		add(PolicyPublic, "notprincipal", "everyone but a few is allowed (NotPrincipal)", st.GetFold("NotPrincipal"))
	}
	if trust || assumes(actions) {
		out = append(out, trustIssues(st, at, principals)...)
	}
	if ownAccount(principals) && onlyService(actions, "kms") {
		for _, p := range principals { // its own has to be there, or the key is lost: another that comes later is not its own
			if account := accountOf(p); account != "" && !strings.Contains(account, "${") {
				add(PolicyWildcard, "key:"+account, "the account "+account+" may do "+strings.Join(short(actions), ", "), st.GetFold("Principal"))
				out[len(out)-1].changed = true
			}
		}
		return out
	}
	// Only the policy of one resource names whom it is for, a service of AWS too.
	for _, found := range actionIssues(st, actions, st.GetFold("Principal") != nil || st.GetFold("NotPrincipal") != nil) {
		add(found.class, found.key, found.detail, st.GetFold("Action"))
		last := &out[len(out)-1]
		last.changed, last.group, last.rank = found.changed, found.group, found.rank
	}
	return out
}

// ownAccount says whether principals are accounts as a whole: the statement that
// each policy of a key begins with.
func ownAccount(principals []string) bool {
	for _, p := range principals {
		if accountOf(p) == "" && !(strings.Contains(p, "${") && strings.HasSuffix(p, ":root")) {
			return false
		}
	}
	return len(principals) > 0
}

func onlyService(actions []string, service string) bool {
	for _, a := range actions {
		if !strings.HasPrefix(strings.ToLower(a), service+":") {
			return false
		}
	}
	return len(actions) > 0
}

func assumes(actions []string) bool {
	for _, a := range actions {
		if strings.HasPrefix(strings.ToLower(a), "sts:assumerole") {
			return true
		}
	}
	return false
}

// actionIssues reads what a statement lets do, and to what.
func actionIssues(st *tree.Node, actions []string, resourcePolicy bool) []issue {
	var out []issue
	to := reach{everywhere: allResources(st), resourcePolicy: resourcePolicy}
	if st.GetFold("NotAction") != nil && to.everywhere {
		out = append(out, issue{class: PolicyWildcard, key: "notaction", detail: "allows all but a few actions (NotAction)"})
	}
	for _, a := range actions {
		service, verb, _ := strings.Cut(strings.ToLower(a), ":")
		if everyVerb(verb) {
			verb = "*"
		}
		if to.broad() && writes(service, verb) {
			out = append(out, issue{class: PolicySensitive, key: "writes", detail: "allows " + clip(a) + " on everything", changed: true})
		}
		if to.broad() && verb != "*" && slices.ContainsFunc(meant(service, verb), func(v string) bool { return destroysData(service, v) }) {
			out = append(out, issue{class: PolicyWildcard, key: "destroys", detail: "allows " + clip(a) + " on everything", changed: true})
		}
		if i, is := to.issue(a, service, verb); is {
			out = append(out, i)
		}
		if !to.everywhere && !resourcePolicy && !looks(service, verb) && wholeService(st, service) {
			out = append(out, issue{class: PolicySensitive, key: "whole:" + service, changed: true,
				detail: "allows " + clip(a) + " on all of " + service})
		}
	}
	for _, service := range wholeByParts(actions) {
		if i, is := to.issue(service+":*", service, "*"); is {
			i.detail, i.changed = "allows, one by one, what "+clip(service+":*")+" would"+onWhat(to.everywhere), true
			out = append(out, i)
		}
	}
	if slices.ContainsFunc(out, func(i issue) bool { return i.class == PolicyAdmin }) { // that is in it
		out = slices.DeleteFunc(out, func(i issue) bool { return i.key == "destroys" })
	}
	return out
}

// looks says whether an action only looks at what is there, or is what every
// workload does for its own logs and measures.
func looks(service, verb string) bool {
	switch service {
	case "logs", "cloudwatch", "xray", "ec2messages", "ssmmessages", "ecr", "kms":
		return true
	}
	return strings.HasPrefix(verb, "describe") || strings.HasPrefix(verb, "list")
}

// wholeService says whether a statement names all that a service has in a
// place: arn:aws:sqs:eu-west-1:1:*
func wholeService(st *tree.Node, service string) bool {
	for _, s := range st.GetFold("Resource").Strings() {
		parts := strings.SplitN(s, ":", 6)
		if len(parts) == 6 && parts[0] == "arn" && parts[5] == "*" && (parts[2] == service || parts[2] == "*") {
			return true
		}
	}
	return false
}

// reach is what the actions of a statement are allowed on.
type reach struct {
	everywhere     bool
	resourcePolicy bool // the policy of one resource, which is all that "*" can be
}

func (to reach) broad() bool { return to.everywhere && !to.resourcePolicy }

// issue is what is too wide about one action.
func (to reach) issue(a, service, verb string) (issue, bool) {
	switch {
	case a == "*" || a == "*:*":
		if to.broad() {
			return issue{class: PolicyAdmin, key: "admin", detail: "allows every action on everything"}, true
		}
		return issue{class: PolicyWildcard, key: "action:*", detail: "allows every action"}, true
	case verb == "*" && (to.broad() || powerful[service]):
		c := PolicyWildcard
		if service == "iam" || service == "organizations" || service == "sts" {
			c = PolicyAdmin
		}
		return issue{class: c, key: "action:" + service, detail: "allows " + clip(a) + onWhat(to.everywhere),
			group: "action:" + service, rank: 2}, true
	case to.broad():
		what := ""
		for _, v := range meant(service, verb) {
			if what = sensitiveAction(service, v); what != "" {
				break
			}
		}
		return issue{class: PolicySensitive, key: "sensitive:" + what, detail: "allows " + clip(a) + " on everything: " + what,
			group: "action:" + service, rank: 1}, what != ""
	case to.resourcePolicy && verb == "*":
		return issue{class: PolicyWildcard, key: "action:" + service, detail: "allows " + clip(a)}, true
	}
	return issue{}, false
}

func onWhat(everywhere bool) string {
	if everywhere {
		return " on everything"
	}
	return ""
}

var powerful = map[string]bool{"iam": true, "sts": true, "organizations": true, "kms": true, "secretsmanager": true,
	"sso": true, "sso-directory": true, "account": true, "identitystore": true}

// allResources says whether a statement reaches everything: "*", or nothing named.
func allResources(st *tree.Node) bool {
	res := st.GetFold("Resource")
	if res == nil {
		return st.GetFold("NotResource") != nil
	}
	for _, s := range res.Strings() {
		if s == "*" || s == "arn:aws:s3:::*" || strings.HasPrefix(s, "arn:") && strings.Trim(s[strings.IndexByte(s, ':'):], ":*aws") == "" {
			return true
		}
	}
	return false
}

// principalsOf lists the accounts of a statement; services are left out.
func principalsOf(st *tree.Node) []string {
	p := st.GetFold("Principal")
	if !p.IsMap() {
		return p.Strings()
	}
	var out []string
	for _, f := range p.Fields {
		if !strings.EqualFold(f.Key, "Service") {
			out = append(out, f.Value.Strings()...)
		}
	}
	return out
}

// anyone finds a principal that is everybody, or any account.
func anyone(principals []string) bool {
	for _, p := range principals {
		if p == "*" || strings.HasPrefix(p, "arn:") && strings.Contains(p, ":iam::*:") {
			return true
		}
	}
	return false
}

// narrowed says whether conditions limit who "anyone" is.
func narrowed(cond *tree.Node) bool {
	for _, test := range cond.Entries() {
		for _, f := range test.Value.Entries() {
			switch key := strings.ToLower(f.Key); {
			case strings.HasPrefix(key, "aws:source"), strings.HasPrefix(key, "aws:principal"), strings.HasPrefix(key, "kms:calleraccount"),
				strings.HasPrefix(key, "kms:viaservice"), strings.HasPrefix(key, "sts:externalid"), strings.HasPrefix(key, "aws:vpc"),
				strings.Contains(key, ":sub"), strings.Contains(key, ":aud"), strings.HasPrefix(key, "s3:dataaccess"):
				for _, v := range f.Value.Strings() {
					if v != "*" && !wideRange(v) {
						return true
					}
				}
			}
		}
	}
	return false
}

// trustIssues reads who may take a role: accounts by their principals, and
// workflows of a code host by the claims that are asked for.
func trustIssues(st *tree.Node, at string, principals []string) []issue {
	var out []issue
	for _, p := range principals {
		subjects := claim(st.GetFold("Condition"), "token.actions.githubusercontent.com:sub")
		referred := !strings.HasPrefix(p, "arn:") && len(subjects) > 0 // the provider by its name in the text
		if referred || strings.Contains(p, "oidc-provider/token.actions.githubusercontent.com") {
			if why := weakSubject(subjects); why != "" {
				out = append(out, issue{class: TrustWidened, key: "policy:" + at + ":oidc",
					detail: "GitHub workflows may take the role: " + why, line: st.At()})
			} else if why := broadSubject(subjects); why != "" {
				out = append(out, issue{class: TrustWidened, key: "policy:" + at + ":oidc:broad",
					detail: "GitHub workflows may take the role: " + why, line: st.At(), changed: true})
			}
			continue
		}
		if account := accountOf(p); account != "" && !anyone(principals) {
			out = append(out, issue{class: TrustWidened, key: "policy:" + at + ":account:" + account,
				detail: "may be taken from account " + account, line: st.At(), group: "accounts", rank: 1})
		}
	}
	return out
}

// accountOf returns the account that p trusts as a whole.
func accountOf(p string) string {
	if len(p) == 12 && strings.Trim(p, "0123456789") == "" {
		return p
	}
	if rest, ok := strings.CutPrefix(p, "arn:aws:iam::"); ok && strings.HasSuffix(rest, ":root") {
		return strings.TrimSuffix(rest, ":root")
	}
	return ""
}

// claim finds the values asked of one claim, in any test that compares it.
func claim(cond *tree.Node, key string) []string {
	var out []string
	for _, test := range cond.Entries() {
		if !strings.Contains(strings.ToLower(test.Key), "equals") && !strings.Contains(strings.ToLower(test.Key), "like") {
			continue
		}
		for _, f := range test.Value.Entries() {
			if strings.EqualFold(f.Key, key) {
				out = append(out, f.Value.Strings()...)
			}
		}
	}
	return out
}

func short(actions []string) []string {
	if len(actions) > 3 {
		return append(append([]string{}, actions[:3]...), "...")
	}
	return actions
}
