// Package people knows who may decide: which account it is, to which groups it
// belongs, whose a login or a team's name is now, and who sits before a browser or
// has a token. People are known by the ids of their accounts, never by what an event
// or a rule calls them. What GitHub does not tell of them is Untold, which is not a
// yes. Answers are used for 30 seconds; who signs in is asked each time, and their
// token is in no log and no error.
package people
