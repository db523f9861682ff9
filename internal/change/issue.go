package change

// Issue is an issue that the change says it resolves, as the repository's host
// links the two: what somebody asked for, where a change is what was done.
// https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
type Issue struct {
	Repository  string // "owner/name"; may be another than the change's
	Number      int
	Title, Body string // Body is whole
	URL         string
	Author      Actor // who opened it; without a Type where that is not known, a deleted account say
	// Editor made the newest edit of the text, nil where nobody edited it. Who
	// edited it before is not told.
	Editor *Actor
}
