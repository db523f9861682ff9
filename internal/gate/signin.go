package gate

import "time"

// SignIn is a person's signing in to GitHub from another device than the one
// that asks for it: the start of the device flow.
// https://docs.github.com/en/apps/creating-github-apps/writing-code-for-a-github-app/building-a-cli-with-a-github-app
type SignIn struct {
	Device   string        // what GitHub knows the asker by: a secret until it has run out
	UserCode string        // what the person enters
	Address  string        // where
	Interval time.Duration // to wait between two questions whether it was entered
	Life     time.Duration // after which it cannot be entered any more
}
