// Package checks publishes check runs: finds the newest of this App, writes it anew or
// on top of it, and adds the annotations that are not on it yet. What would let a
// required check pass by mistake is refused; texts are held to GitHub's bounds, and a
// creation that got no answer is looked for before another one is made.
package checks
