package ranges

import (
	"github.com/gatehold/gatehold/internal/change"
)

// Told is what GraphQL tells of a commit beside what a range shows of it.
// https://docs.github.com/en/graphql/reference/objects#commit
type Told struct {
	Oid       string     `json:"oid"`
	Signature *signature `json:"signature"`
	Authors   gitActors  `json:"authors"`
}

type signature struct {
	IsValid           bool `json:"isValid"`
	WasSignedByGitHub bool `json:"wasSignedByGitHub"`
}

// Attribute says of a change's commits who signed them and who wrote them beside
// their authors, where addresses of GitHub's own at this host name accounts. What is
// told is looked up by the commit's SHA.
func Attribute(host string, to *change.Change, told map[string]*Told) {
	to.Commits = withSignatures(to.Commits, told)
	withCoAuthors(host, to, told)
}

// withSignatures takes what GraphQL says of the signatures, which REST does
// not: whether the key was GitHub's own. Where the two disagree, the commit
// counts as unsigned.
func withSignatures(commits []change.Commit, told map[string]*Told) []change.Commit {
	for i := range commits {
		is, ok := told[commits[i].SHA]
		if !ok {
			continue
		}
		sig := is.Signature
		commits[i].Verified = commits[i].Verified && sig != nil && sig.IsValid
		commits[i].SignedByGitHub = commits[i].Verified && sig.WasSignedByGitHub
	}
	return commits
}
