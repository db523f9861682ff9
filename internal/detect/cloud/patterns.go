package cloud

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// AWS reads an action as a pattern: * is any letters, ? is one. What a statement
// allows by one is what the pattern matches, however it is written.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html

// isPattern reports whether a verb stands for several.
func isPattern(verb string) bool { return strings.ContainsAny(verb, "*?") }

// everyVerb reports whether a pattern leaves nothing out: no action has a name of
// fewer than three letters.
func everyVerb(verb string) bool {
	return strings.Contains(verb, "*") && strings.Trim(verb, "*?") == "" && strings.Count(verb, "?") <= 3
}

// matchesVerb matches a verb against a pattern, in time that is at most the product
// of their lengths.
func matchesVerb(pattern, verb string) bool {
	p, v, star, from := 0, 0, -1, 0
	for v < len(verb) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, v
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == verb[v]):
			p++
			v++
		case star >= 0:
			from++
			p, v = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// destroying are actions that delete what keeps data, one or two of each service.
var destroying = set(`rds:deletedbinstance rds:deletedbcluster redshift:deletecluster docdb:deletedbcluster neptune:deletedbcluster
elasticache:deletereplicationgroup memorydb:deletecluster dynamodb:deletetable elasticfilesystem:deletefilesystem
fsx:deletefilesystem backup:deletebackupvault backup:deleterecoverypoint timestream:deletetable qldb:deleteledger
es:deleteelasticsearchdomain kafka:deletecluster glacier:deletevault s3:deletebucket s3:deleteobjectversion
secretsmanager:deletesecret kms:schedulekeydeletion ec2:deletevolume ec2:deletesnapshot ecr:deleterepository
organizations:closeaccount cloudformation:deletestack`)

// verbsOf are the actions that are known for what they give, by their service.
var verbsOf = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for _, all := range []map[string]bool{credentialActions, dataActions, escalationActions, destroying} {
		for action := range all {
			service, verb, _ := strings.Cut(action, ":")
			out[service] = append(out[service], verb)
		}
	}
	for _, verbs := range out {
		slices.Sort(verbs)
	}
	return out
})

// meant are the known verbs of a service that one in a policy stands for; itself,
// where it is no pattern.
func meant(service, verb string) []string {
	if !isPattern(verb) {
		return []string{verb}
	}
	out := []string{verb} // what its beginning says counts too: iam:Create*
	for _, known := range verbsOf()[service] {
		if matchesVerb(verb, known) {
			out = append(out, known)
		}
	}
	return out
}

// ways are what a service can be asked to do, each by words for it: who may do all
// of it, and each of its known actions, may do what * says.
var ways = [][]string{{"get-", "describe-"}, {"list-", "describe-"}, {"create-", "put-"}, {"update-", "put-", "modify-"}, {"delete-"}}

// wholeByParts are the services of which the patterns of a statement, one by one,
// leave nothing out.
func wholeByParts(actions []string) []string {
	patterns := map[string][]string{}
	for _, a := range actions {
		service, verb, colon := strings.Cut(strings.ToLower(a), ":")
		if colon && isPattern(verb) && !everyVerb(verb) {
			patterns[service] = append(patterns[service], verb)
		}
	}
	covers := func(service, verb string) bool {
		return slices.ContainsFunc(patterns[service], func(p string) bool { return matchesVerb(p, verb) })
	}
	var out []string
	for _, service := range slices.Sorted(maps.Keys(patterns)) {
		whole := len(patterns[service]) > 1
		for _, words := range ways {
			whole = whole && slices.ContainsFunc(words, func(w string) bool { return covers(service, w) })
		}
		for _, verb := range verbsOf()[service] {
			whole = whole && covers(service, verb)
		}
		if whole {
			out = append(out, service)
		}
	}
	return out
}
