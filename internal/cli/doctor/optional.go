package doctor

import (
	"context"
	"maps"
)

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

// withoutOptional leaves out the optional permissions that are only to read, and issues
// where the rules have GitHub tell people of passkeys (passkeys.notices).
func withoutOptional(has map[string]string) map[string]string {
	out := maps.Clone(has)
	for _, p := range optionalPermissions {
		if out[p.name] == "read" || p.name == "issues" && out[p.name] == "write" {
			delete(out, p.name)
		}
	}
	return out
}

// optional says what the optional permissions bring, or would.
func (d *doctor) optional() {
	for _, p := range optionalPermissions {
		if p.name == "issues" && d.app.Permissions[p.name] == "write" {
			d.say(fine, "permissions", "Make it "+p.name+": read where no rules file says passkeys.notices.",
				"The App has %s: write, which is optional: it opens issues in the repository that rules name, so that GitHub itself tells "+
					"people of passkeys that wait.", p.name)
			continue
		}
		if d.app.Permissions[p.name] != "" {
			d.say(fine, "permissions", "", "The App has %s: read, which is optional: %s", p.name, p.has)
			continue
		}
		d.say(fine, "permissions", p.grant, "The App does without %s: read, which is optional: %s", p.name, p.lacks)
	}
}

// signIn looks at the App that people sign in to, where there is one.
func (d *doctor) signIn(ctx context.Context) {
	if d.cfg.ClientID == "" {
		d.say(fine, "sign-in", "Register a second App without permissions, and give its client id and secret to the server.",
			"Nobody can sign in: without GATEHOLD_CLIENT_ID people answer by the check's buttons alone.")
		return
	}
	callback := d.cfg.CallbackURL()
	if err := d.hub.CheckSignIn(ctx, callback); err != nil {
		d.failed("sign-in", err)
		return
	}
	if callback == "" {
		d.say(fine, "sign-in", "Set GATEHOLD_CLIENT_SECRET and GATEHOLD_PUBLIC_URL too, and people sign in with browsers.",
			"People sign in at a command line. The App is another one than that of the gates.")
		return
	}
	d.say(fine, "sign-in",
		"GitHub tells its callback URLs to nobody but its owner. It needs "+callback+", letter by letter: sign in once to see.",
		"GitHub takes client id and secret of the App that people sign in to, and it is another one than that of the gates.")
}
