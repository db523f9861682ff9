// Package cloud knows what in a declaration of cloud resources can lose data or
// open a door, whatever language declares them. Terraform and CloudFormation
// detectors translate their files into Resources; Compare says what is worse
// after a change than it was before it.
//
// Three things are looked at: resources that go away or are replaced; single
// attributes that grew weaker, read by their names (words.go), so that the
// many spellings of the many providers need no table each; and statements with
// a meaning of their own: who may do what (policy.go, grants.go), and who can
// reach what (network.go).
//
// Nothing that was there before and is unchanged is ever reported. Of a
// resource that is new, only what it opens or grants is: a new database without
// backups has nothing to lose yet.
package cloud

import (
	"sort"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// Class is what sort of harm a finding is about. Each detector has a kind per
// class, made by Kinds.
type Class uint8

// The classes.
const (
	StatefulDeleted Class = iota
	StatefulReplaced
	StatefulReleased
	DeletionUnguarded
	RecoveryWeakened
	DataExpiry
	EncryptionWeakened
	TLSWeakened
	LoggingWeakened
	Exposed
	IsolationWeakened
	WorldOpenAdmin
	WorldOpenPort
	WorldOpenWeb
	PolicyAdmin
	PolicyWildcard
	PolicySensitive
	PolicyPublic
	TrustWidened
	RoleBroad
	AuthWeakened
	Privileged
	PlainSecret
	HardeningRemoved
	ProtectionWeakened // of what holds changes back
	classes            // how many there are
)

// Resource is one declared resource. Keys of Body are in snake case, whatever
// the language's own case; keys inside policy documents are as written.
type Resource struct {
	Address string // how people name it: "aws_db_instance.main", or a logical id
	Type    string // "aws_db_instance", "AWS::RDS::DBInstance"
	Body    *tree.Node
	Line    int
}

// Finding is one thing that grew worse.
type Finding struct {
	Class   Class
	Object  string
	Detail  string
	Line    int
	Removed bool // Line counts in the text before
}

// Compare reports what is worse in after than in before. Either may be nil: a
// resource that is new, or one that goes away.
func Compare(before, after *Resource) []Finding {
	switch {
	case after == nil && before == nil:
		return nil
	case after == nil:
		return gone(before)
	}
	var found []Finding
	add := func(c Class, line int, removed bool, detail string) {
		found = append(found, Finding{Class: c, Object: after.Address, Detail: detail, Line: line, Removed: removed})
	}
	if before == nil {
		for _, issue := range newIssues(nil, issuesOf(after)) {
			if issue.changed {
				continue
			}
			add(issue.class, issue.line, false, issue.detail)
		}
		return found
	}
	if tree.Equal(before.Body, after.Body) {
		return nil
	}
	if detail, line := replaced(before, after); detail != "" {
		add(StatefulReplaced, line, false, detail)
	}
	for _, issue := range newIssues(issuesOf(before), issuesOf(after)) {
		add(issue.class, issue.line, false, issue.detail)
	}
	c := comparison{before: before, after: after, add: add}
	c.nodes(nil, before.Body, after.Body)
	c.outwardWidened()
	return append(found, protections(before, after, found)...)
}

// gone is what a resource's removal means.
func gone(r *Resource) []Finding {
	one := func(c Class, detail string) []Finding {
		return []Finding{{Class: c, Object: r.Address, Detail: detail, Line: r.Line, Removed: true}}
	}
	c, isGuard := guardType(r.Type)
	if Stateful(r.Type) && (!isGuard || statefulTypes[normalType(r.Type)]) {
		if kept(r.Body.Get("deletion_policy").Str()) { // it leaves the stack and stays
			return one(StatefulReleased, "its deletion policy keeps it")
		}
		return one(StatefulDeleted, "")
	}
	if isGuard && !neverGuarded(r) {
		return one(c, "the resource is removed")
	}
	if shielded(r) {
		return one(StatefulDeleted, "it was protected against deletion")
	}
	return nil
}

// shielded says that whoever declared a resource wanted it never to be deleted:
// what that is worth is their word, whatever its type.
func shielded(r *Resource) bool {
	for _, f := range append(r.Body.Entries(), r.Body.Get("lifecycle").Entries()...) {
		words, flips := wordsOf(f.Key)
		guards := words["protect"] || words["protection"] || words["prevent"]
		if guards && flips%2 == 0 && (words["delete"] || words["deletion"] || words["termination"] || words["destroy"] || words["destruction"]) &&
			switchedOn(f.Value) {
			return true
		}
	}
	return false
}

// kept says whether a deletion policy leaves the thing itself where it is.
func kept(policy string) bool {
	policy = strings.ToLower(policy)
	return strings.HasPrefix(policy, "retain") || policy == "abandon"
}

// neverGuarded says that a guard resource was switched off already.
func neverGuarded(r *Resource) bool {
	for _, path := range [][]string{{"enabled"}, {"enable"}, {"status"}, {"versioning_configuration", "0", "status"}} {
		if n := r.Body.Get(path...); n != nil && off(n) {
			return true
		}
	}
	return false
}

// issue is something about one resource that is dangerous by itself. Two
// issues with the same key are the same one.
type issue struct {
	class  Class
	key    string
	detail string
	line   int
	group  string // issues of one group can stand for each other, by rank
	rank   int
	// changed issues count only on resources that were there before: new ones
	// have them for good reasons too often.
	changed bool
}

// newIssues returns those of after that before does not have. Where a group
// lost a worse issue than the one it gained, the change is for the better and
// the gain is not reported.
func newIssues(before, after []issue) []issue {
	had, has := map[string]bool{}, map[string]bool{}
	lost := map[string]int{}
	for _, i := range after {
		has[i.key] = true
	}
	for _, i := range before {
		had[i.key] = true
		if i.group != "" && !has[i.key] {
			lost[i.group] = max(lost[i.group], i.rank)
		}
	}
	var out []issue
	for _, i := range after {
		if had[i.key] || i.group != "" && lost[i.group] > i.rank {
			continue
		}
		had[i.key] = true
		out = append(out, i)
	}
	return out
}

// issuesOf runs all that looks at one resource alone.
func issuesOf(r *Resource) []issue {
	var out []issue
	out = append(out, openings(r)...)
	out = append(out, policies(r)...)
	out = append(out, grants(r)...)
	out = append(out, federations(r)...)
	out = append(out, hazards(r)...)
	out = append(out, expiries(r)...)
	return out
}

// dedupe keeps the first of findings that say the same.
func dedupe(found []Finding) []Finding {
	seen := make(map[string]bool, len(found))
	out := found[:0]
	for _, f := range found {
		key := string(rune(f.Class)) + f.Object + "\x00" + f.Detail
		if !seen[key] {
			seen[key] = true
			out = append(out, f)
		}
	}
	return out
}

// CompareAll compares resources by address. Both maps are read in a fixed order.
func CompareAll(before, after map[string]*Resource) []Finding {
	var addresses []string
	for a := range before {
		addresses = append(addresses, a)
	}
	for a := range after {
		if before[a] == nil {
			addresses = append(addresses, a)
		}
	}
	sort.Strings(addresses)
	var found []Finding
	for _, a := range addresses {
		found = append(found, Compare(before[a], after[a])...)
	}
	return dedupe(found)
}

// Snake turns CamelCase into snake_case: "KmsKeyId" is "kms_key_id",
// "DBClusterIdentifier" is "db_cluster_identifier".
func Snake(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 4)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			lowerBefore := i > 0 && s[i-1] != '_' && (s[i-1] < 'A' || s[i-1] > 'Z')
			lowerAfter := i > 0 && i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z' && s[i-1] >= 'A' && s[i-1] <= 'Z'
			if lowerBefore || lowerAfter {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		if c == '-' {
			c = '_'
		}
		b.WriteByte(c)
	}
	return b.String()
}
