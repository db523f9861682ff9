// Package rulesets makes GitHub require the check of gatehold, and reads
// whether it does, with the token of an administrator.
//
// The App itself cannot do this and must not: a token that can write rulesets
// can also take them away. So the token is a person's own. It is held in memory
// for one run, sent to the configured API host only, never over a redirect,
// never written anywhere, and cut out of every error.
//
// # Nothing is lost
//
// A ruleset is read, changed and written as raw JSON. Rules of unknown types,
// bypass actors, conditions and fields that GitHub adds later keep their bytes
// and their order. What the plan touches is the enforcement, the branches that
// are included, and the one entry of the check. Planning twice changes nothing
// the second time.
//
// # What counts as required
//
// A check that is required by its name alone can be published by whoever may
// write checks or statuses, so only one that is pinned to the App's id counts.
// https://docs.github.com/en/rest/repos/rules
package rulesets
