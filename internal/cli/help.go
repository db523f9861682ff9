package cli

// help are the sentences that flags name, where they would not fit beside them.
var help = map[string]string{
	"answer_verdict": "Answer only if the verdict's digest begins so, at least 8 characters, instead of asking for yes.",
	"holds_server": "Ask this server, signed in at GitHub (GATEHOLD_SERVER). Without one the configured ledger is " +
		"read, on the server's own machine.",
	"require_org": "Organisation whose ruleset covers all its repositories. May be given several times, as may " +
		"--repo.",
	"require_branch": "Branches beside the default branch, as an entry of branches in the rules has them: release/**. " +
		"Each gets a ruleset and a check of its own. Give them in the order of the rules.",
	"require_environment": "Environment to make gatehold a deployment protection rule of.",
	"require_github_url":  "Base of GitHub's REST API, https://api.github.com if not given (GATEHOLD_GITHUB_URL).",
	"require_token_file": "File with an administrator's own token. Else GATEHOLD_ADMIN_TOKEN, GITHUB_TOKEN, or what gh auth " +
		"token prints. It is used for this run and kept nowhere.",
	"require_check": "Change nothing; read whether the check is required, and who can bypass it. Exit code 3: it is " +
		"not enforced.",
	"suggest_org_rules": "The organisation's rules file: the floor; without --rules the file of which a change is " +
		"proposed.",
}
