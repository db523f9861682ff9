// Package signin lets a person tell who they are without a page at GitHub's: they
// enter a code there, by the device flow of an App that may do nothing, and GitHub
// tells whose account it was. The token that comes of it is used for that one
// question and is in no log and no error.
package signin
