// Package rules holds what ships with gatehold for writers of rules files: the
// packs, the JSON schema, and README.md, which describes the language.
package rules

import "embed"

// Packs are the files of packs/, one pack each, named after it.
//
//go:embed packs/*.yml
var Packs embed.FS

// Schema is the JSON schema of a rules file, for editors.
//
//go:embed schema.json
var Schema []byte
