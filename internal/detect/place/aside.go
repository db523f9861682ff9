package place

import "strings"

// Aside says whether a folder is one for what is not in use, or lies in one.
func Aside(dir string) bool {
	for _, folder := range strings.Split(strings.ToLower(dir), "/") {
		switch strings.Trim(folder, "._-") {
		case "archive", "archived", "attic", "old", "unused", "disabled", "deprecated", "legacy", "obsolete", "removed",
			"deleted", "retired", "trash", "graveyard", "bak",
			"doc", "docs", "examples", "example", "samples", "sample", "templates", "testdata", "fixtures", "drafts", "draft",
			"parked", "later", "wip", "tmp", "ignore", "ignored", "off":
			return true
		}
	}
	return false
}
