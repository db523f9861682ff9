package doctor

import "maps"

// optionalPermission brings something, and nothing is held for the lack of it.
const optionalPermission = "issues"

// withoutOptional leaves out the optional permission: read where issues declare intents,
// write where the rules have GitHub tell people of passkeys (passkeys.notices).
func withoutOptional(has map[string]string) map[string]string {
	out := maps.Clone(has)
	if level := out[optionalPermission]; level == "read" || level == "write" {
		delete(out, optionalPermission)
	}
	return out
}

// optional says what the optional permission brings, or would.
func (d *doctor) optional() {
	if d.app.Permissions[optionalPermission] == "write" {
		d.say(fine, "permissions", "Make it issues: read where no rules file says passkeys.notices.",
			"The App has issues: write, which is optional: it opens issues in the repository that rules name, so that GitHub itself tells "+
				"people of passkeys that wait.")
		return
	}
	if d.app.Permissions[optionalPermission] != "" {
		d.say(fine, "permissions", "",
			"The App has issues: read, which is optional: where an organisation has accepted it, an intent that a human "+
				"declared in an issue holds the change that resolves it.")
		return
	}
	d.say(fine, "permissions", "Grant it on the App's settings page if your issues declare intents.",
		"The App does without issues: read, which is optional: intents that humans declare in issues are not compared with changes.")
}
