package place

import (
	"path"
	"strings"
)

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

// Note says whether a path is a note on one change, kept until a release gathers
// them all in its list of changes: each release deletes those it tells of.
func Note(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	switch path.Base(path.Dir(name)) {
	case "newsfragments": // 3071.bugfix
		return true
	case ".changeset", ".changes", ".server-changes", "changelog.d", "changelog-fragments", "changelog_unreleased", "unreleased", ".changelog":
		return ext == ".md" || ext == ".rst" || ext == ".yml" || ext == ".yaml" || ext == ".txt"
	}
	return false
}
