// Package ranges reads what lies between two commits: the commits, with who signed
// and who wrote them, and the files, from a comparison as far as GitHub shows it and
// from the two trees beyond that. What could not be read whole is told: by Total, by
// a second result that is false, or as a Gap of the change.
package ranges
