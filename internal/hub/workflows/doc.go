// Package workflows reads workflow files: one at a commit with the reusable workflows
// that it calls, level by level, and those at the tip of the default branch. Files,
// levels and bytes are bounded, and what lies beyond a bound is said.
package workflows
