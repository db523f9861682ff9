package change

// About is what GitHub has of a pull request at a moment that no judgement needs: it
// is shown beside one, and never kept.
type About struct {
	Title, Body string
	Author      Actor
	Head        string // what it was of
}

// CI is what others say of a commit, by check runs and commit statuses.
type CI struct {
	Known                   bool
	Passed, Failed, Running int
	Open                    []CheckOf // those that failed or run, failed ones first; bounded
	Beyond                  bool      // there are more than were asked for
	Unread                  string    // why commit statuses are not among them; empty: they are
}

// CheckOf is a check of others' that has not passed.
type CheckOf struct {
	Name    string
	Failed  bool
	Run     int64  // of a check run, its id
	Address string // of a commit status, where it leads; foreign, perhaps empty
}
