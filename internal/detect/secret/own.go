package secret

// ownRules are secrets that are known by what stands around them, which
// gitleaks' rules do not know or know more narrowly. Tokens that are known by
// themselves are data: see package tokenform.
func ownRules() []*rule {
	return []*rule{
		{ID: "azure-storage-key", Regex: `AccountKey\s*=\s*([A-Za-z0-9+/]{60,90}={0,2})`, Keywords: []string{"accountkey"}, Entropy: 4,
			Examples: []string{"0011cc25eb432071"}}, // that of Microsoft's emulator
		{ID: "azure-shared-access-signature", Regex: `[?&]sig=([A-Za-z0-9%+/]{40,}(?:%3D|=))`, Keywords: []string{"sig="}, Entropy: 3.5},
		{ID: "discord-bot-token",
			Regex:    `\b([MNO][A-Za-z\d_-]{23,25}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38})(?:[^A-Za-z\d_-]|$)`,
			Keywords: []string{longRun}, Entropy: 3.5, need: "."},
		{ID: "json-web-token", Regex: `\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?`,
			Keywords: []string{"eyj"}, Entropy: 3},
		{ID: "json-web-private-key", context: "kty",
			Regex:    `\\?["'][dk]\\?["']\s*:\s*\\?["']([A-Za-z0-9_-]{16,}={0,2})\\?["']`,
			Keywords: []string{`"d"`, `"k"`, `"d\`, `"k\`, `'d'`, `'k'`}, Entropy: 3},
		{ID: "json-web-key",
			Regex:    `\b(?:eyAiawr|eyJrdHki|eyJrIjoi|WwogICAgewogICAgICAgICJrdHki|ewogICAgImt0eSI)[A-Za-z0-9+/_=-]{20,}`,
			Keywords: []string{"eyjrdhki", "wwogicagewogicagicagicjrdhki", "ewogicagimt0esi"}, Entropy: 3},
		{ID: "mailchimp-key", Regex: `\b([0-9a-f]{32}-us[0-9]{1,2})\b`, Keywords: []string{longRun}, Entropy: 3, need: "-us"},
		{ID: "twilio-account", Regex: `(?:^|[^0-9A-Za-z])((?:AC|SK)[0-9a-f]{32})(?:[^0-9a-zA-Z]|$)`,
			Keywords: []string{"ac", "sk"}, Entropy: 3},
		{ID: "facebook-app-token", Regex: `\b[0-9]{13,17}\|[A-Za-z0-9_-]{27}\b`, Keywords: []string{longRun}, Entropy: 3.5, need: "|"},
		{ID: "jira-access-token",
			Regex: `(?:^|` +
				`[^A-Za-z0-9+/=_-])([MNO][A-Za-z0-9+]{10}[A-Za-z0-9+/]{5}O[g-v][A-Za-z0-9+/]{26})(?:[^A-Za-z0-9+/=_-]|$)`,
			Keywords: []string{"jira", "confluence", "token/", "bearer"}, Entropy: 4},
		{ID: "artifactory-key", Regex: `(?:^|[\s=:"'])(AKC[A-Za-z0-9]{10,}|AP[0-9A-F][A-Za-z0-9]{10,})(?:[\s"']|$)`,
			Keywords: []string{"akc", "ap6"}, Entropy: 3.2},
		{ID: "aws-access-key", Regex: `\b((?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16})\b`,
			Keywords: []string{"akia", "asia", "abia", "acca", "a3t"}, Entropy: 2.8},
		{ID: "aws-secret-key",
			Regex: `(?i)aws.{0,20}?(?:secret|key|pwd|pw|password|pass|token).{0,` +
				`20}?[=:>"'\s]["']?([0-9A-Za-z/+]{40})(?:[^0-9A-Za-z/+=]|$)`, Keywords: []string{"aws"}, Entropy: 4},
		{ID: "ibm-cloud-key",
			Regex: `(?i)(?:ibm|cloud|bluemix|iam|softlayer|sl)[\w-]{0,20}?(?:api|key|pwd|password|pass|token)[\w-]{0,` +
				`12}["']?\s*(?::=|=>|:|=|\s)\s*["']?([0-9A-Za-z_-]{44}|[a-z0-9]{64})(?:["'\s;,]|$)`,
			Keywords: []string{"ibm", "bluemix", "cloud_api", "cloud-api", "iam_", "iam-", "softlayer", "sl-api", "sl_api",
				"cloudapi"}, Entropy: 3},
		{ID: "hmac-secret-key",
			Regex:    `(?i)secret[-_ ]?(?:access)?[-_ ]?key["']?\s*(?::=|=>|:|=)\s*["']?([0-9a-f]{48})(?:["'\s;,]|$)`,
			Keywords: []string{"secret"}, Entropy: 3},
		{ID: "cloudant-password",
			Regex: `(?i)[\w-]+:([0-9a-f]{64})@[\w.-]*cloudant|cloudant[\w-]*(?:key|pwd|pass|password|` +
				`token)["']?\s*[:=]+\s*["']?([0-9a-f]{64}|[a-z]{24})(?:["'\s;,]|$)`, Keywords: []string{"cloudant"}, Entropy: 3},
		{ID: "softlayer-credential",
			Regex: `(?i)(?:softlayer|sl)[\w-]{0,10}?(?:api|key|pwd|password|pass|token)[\w-]{0,12}["']?\s*(?::=|=>|:|=|` +
				`\s)\s*["']?([a-z0-9]{64})|api\.softlayer\.com/soap/v3(?:\.1)?/([a-z0-9]{64})`,
			Keywords: []string{"softlayer", "sl_", "sl-"}, Entropy: 3},
		{ID: "private-key-encoded",
			Regex:    `[A-Za-z0-9+/]{8,}(?:UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW)[A-Za-z0-9+/=]{8,}`,
			Keywords: []string{"ufjjvkfursblrv", "bssvzbveugs0vz", "quklwqvrfietfw"}, Entropy: 3},
		{ID: "putty-private-key", Regex: `PuTTY-User-Key-File-[23]:`, Keywords: []string{"putty-user-key-file"}},
		{ID: "mailchimp-named-key", Regex: `(?i)mailchimp.{0,20}["'\s=:]([0-9a-z]{32}-us[0-9]{1,2})\b`,
			Keywords: []string{"mailchimp"}, Entropy: 3},
		{ID: "url-password",
			Regex:    `\b[a-zA-Z][a-zA-Z0-9+.-]{1,30}://[^\s:/@"'<>{}$%]{0,100}:([^\s/@"'<>{}]{3,200})@[A-Za-z0-9\[]`,
			Keywords: []string{"://"}, need: "@"},
		{ID: "dsn-password",
			Regex:    `[A-Za-z0-9_.-]{1,60}:([^\s:@/"'<>{}` + "`" + `]{3,100})@(?:tcp|udp)\(`,
			Keywords: []string{"@tcp(", "@udp("}},
		{ID: "telegram-address", Regex: `/bot([0-9]{8,10}:[A-Za-z0-9_-]{35})(?:/|\b)`, Keywords: []string{"/bot"}, Entropy: 3.5},
		{ID: "token-signing-secret", Keywords: []string{"jwt."}, Entropy: 3.3,
			Regex: `\bjwt\.(?:sign|verify|encode|decode)\([^;\n]{1,200}?,\s*b?["']([^"'\s.]{16,})["']`},
		{ID: "mysql-flag-password", Keywords: []string{"mysql"}, Entropy: 2.8, digits: 1,
			Regex: `\bmysql(?:dump|admin|import|check|pump|sh|show)?\s[^\n|;&]{0,200}?\s-p['"]?([^\s"'$:<{}\[-][^\s"'$:<{}]{5,})`},
		{ID: "docker-registry-password", Regex: `"auth"\s*:\s*"([A-Za-z0-9+/]{16,}={0,2})"`, Keywords: []string{`"auth"`}, context: "auths",
			Entropy: 3.5},
		{ID: "gradle-signing-password", Keywords: []string{"storepassword", "keypassword"}, Entropy: 2.5, digits: 1,
			Regex: `\b(?:storePassword|keyPassword)\s+["']([^"'$\s]{6,})["']`},
		{ID: "session-secret-key", Keywords: []string{"secret_key"}, Entropy: 3.2, digits: 1,
			Regex: `(?i)\bsecret_key["'\]]*\s*=\s*(?:b|br|r|u)["']([^"'\n]{12,})["']`},
		{ID: "rails-master-key", Keywords: []string{longRun}, Entropy: 3,
			Path: `(?:^|/)(?:master|credentials/\w+)\.key$`, Regex: `^\s*([0-9a-f]{32})\s*$`},
		{ID: "oracle-password", Regex: `thin:[A-Za-z0-9_$#]{1,60}/([^\s@"'<>{}]{3,100})@`, Keywords: []string{"thin:"}},
	}
}
