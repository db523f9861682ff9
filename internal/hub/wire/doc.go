// Package wire has what GitHub's answers and its events have in common: who an
// account is, what a repository, a pull request and a workflow run look like,
// how a time is written; and what a name, a commit, a path or a text from
// outside may be at all. Large answers are decoded element by element.
//
// It asks nobody anything: whoever holds bytes of GitHub's reads them with it.
package wire
