package doctor

import "maps"

// optionalPermissions bring something, and nothing is held for the lack of them.
var optionalPermissions = []struct{ name, has, lacks, grant string }{
	{"issues",
		"where an organisation has accepted it, an intent that a human declared in an issue holds the change that resolves it.",
		"intents that humans declare in issues are not compared with changes.",
		"Grant it on the App's settings page if your issues declare intents."},
	{"statuses",
		"the page of a gate shows commit statuses beside check runs.",
		"of private repositories the page of a gate shows check runs, and no commit statuses.",
		"Grant it on the App's settings page if something of yours reports by commit statuses."},
}

// withoutOptional leaves out the optional permissions that are only to read.
func withoutOptional(has map[string]string) map[string]string {
	out := maps.Clone(has)
	for _, p := range optionalPermissions {
		if out[p.name] == "read" {
			delete(out, p.name)
		}
	}
	return out
}

// optional says what the optional permissions bring, or would.
func (d *doctor) optional() {
	for _, p := range optionalPermissions {
		if d.app.Permissions[p.name] != "" {
			d.say(fine, "permissions", "", "The App has %s: read, which is optional: %s", p.name, p.has)
			continue
		}
		d.say(fine, "permissions", p.grant, "The App does without %s: read, which is optional: %s", p.name, p.lacks)
	}
}
