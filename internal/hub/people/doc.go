// Package people knows who may decide: which account it is, to which groups it
// belongs, and whose a login or a team's name is now. People are known by the ids of
// their accounts, never by what an event or a rule calls them. What GitHub does not
// tell of them is Untold, which is not a yes. Answers are used for 30 seconds.
package people
