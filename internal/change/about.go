package change

// About is what GitHub has of a pull request at a moment that no judgement needs: it
// is shown beside one, and never kept.
type About struct {
	Title, Body string
	Author      Actor
	Head        string // what it was of
}

// CI is what others' checks say of a commit.
type CI struct {
	Known                   bool
	Passed, Failed, Running int
	Failing                 []string // names, bounded
	Beyond                  bool     // there are more than were asked for
}
