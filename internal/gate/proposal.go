package gate

// Proposal is a rules file that a change brings, read by the code that would
// enforce it, beside the rules that are in force.
type Proposal struct {
	Valid    bool     `json:"valid"`
	Problems []string `json:"problems,omitempty"` // "file:line:column: what is wrong", where it is not valid
	Changes  []string `json:"changes,omitempty"`  // sentences: what differs from the rules in force
	// Judged is how many changes of the past were judged under both rules, and
	// Different are those that came out otherwise.
	Judged    int          `json:"judged,omitempty"`
	Different []Difference `json:"different,omitempty"`
	Note      string       `json:"note,omitempty"` // a sentence: what of the past could not be told
}

// Difference is a change of the past that other rules judge otherwise.
type Difference struct {
	Subject string `json:"subject"` // "#12 Add a column", or a commit and its title
	From    string `json:"from"`    // what the rules in force say: "passes: low risk, score 10"
	To      string `json:"to"`      // what the proposed rules say
}
