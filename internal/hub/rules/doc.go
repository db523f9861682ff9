// Package rules reads the rules files of repositories and organisations, and who
// owns what, at the tip of a branch or at a commit. Only a plain text file is used:
// what is not Found or Absent is Refused or Unknown, with a reason, and holds.
//
// GitHub gives the same answer for an organisation's repository that does not exist
// and for one that the App may not see; OfOrg says how the two are told apart.
package rules
