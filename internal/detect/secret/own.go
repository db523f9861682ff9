package secret

// ownRules are token formats that gitleaks' rules do not know, or know more
// narrowly. Sources are the providers' own documentation of their formats.
func ownRules() []*rule { return append(some(), more()...) }

func some() []*rule {
	return []*rule{
		{ID: "azure-storage-key", Regex: `AccountKey\s*=\s*([A-Za-z0-9+/]{86}==)`, Keywords: []string{"accountkey"}, Entropy: 4},
		{ID: "azure-shared-access-signature", Regex: `[?&]sig=([A-Za-z0-9%+/]{40,}(?:%3D|=))`, Keywords: []string{"sig="}, Entropy: 3.5},
		{ID: "discord-bot-token", Regex: `\b([MNO][A-Za-z\d_-]{23,25}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38})(?:[^A-Za-z\d_-]|$)`, Keywords: []string{longRun}, Entropy: 3.5, need: "."},
		{ID: "gitlab-token", Regex: `\b(?:(?:glpat|gldt|glft|glsoat|glrt|glrtr|glcbt|glffct|glwt)-[0-9A-Za-z_.-]{20,}|glimt-[0-9A-Za-z_-]{25}|glptt-[0-9A-Za-z_-]{40}|glagent-[0-9A-Za-z_-]{50,}|gloas-[0-9A-Za-z_-]{64}|GR1348941[0-9A-Za-z_-]{20,})(?:[^0-9A-Za-z_-]|$)`, Keywords: []string{"glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "glrtr-", "glcbt-", "glimt-", "glptt-", "glagent-", "gloas-", "glffct-", "glwt-", "gr1348941"}, Entropy: 2.5},
		{ID: "github-token", Regex: `\b(?:gh[pousr]_[0-9A-Za-z]{36,251}|github_pat_[0-9A-Za-z_]{40,})`, Keywords: []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"}, Entropy: 3},
		{ID: "json-web-token", Regex: `\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?`, Keywords: []string{"eyj"}, Entropy: 3},
		{ID: "json-web-key", Regex: `\b(?:eyAiawr|eyJrdHki|eyJrIjoi|WwogICAgewogICAgICAgICJrdHki|ewogICAgImt0eSI)[A-Za-z0-9+/_=-]{20,}`, Keywords: []string{"eyjrdhki", "wwogicagewogicagicagicjrdhki", "ewogicagimt0esi"}, Entropy: 3},
		{ID: "mailchimp-key", Regex: `\b([0-9a-f]{32}-us[0-9]{1,2})\b`, Keywords: []string{longRun}, Entropy: 3, need: "-us"},
		{ID: "pypi-token", Regex: `\bpypi-(?:AgEIcHlwaS5vcmc|AgENdGVzdC5weXBpLm9yZw)[A-Za-z0-9_-]{50,}`, Keywords: []string{"pypi-age"}, Entropy: 3},
		{ID: "telegram-bot-token", Regex: `(?:^|[^0-9A-Za-z])([0-9]{8,10}:AA[0-9A-Za-z_-]{33})(?:[^0-9A-Za-z_-]|$)`, Keywords: []string{":aa"}, Entropy: 3.5},
		{ID: "twilio-account", Regex: `(?:^|[^0-9A-Za-z])((?:AC|SK)[0-9a-f]{32})(?:[^0-9a-zA-Z]|$)`, Keywords: []string{"ac", "sk"}, Entropy: 3},
		{ID: "google-oauth-secret", Regex: `\bGOCSPX-[A-Za-z0-9_-]{28}`, Keywords: []string{"gocspx-"}, Entropy: 3},
		{ID: "google-oauth-access-token", Regex: `\bya29\.[A-Za-z0-9_-]{30,}`, Keywords: []string{"ya29."}, Entropy: 3},
		{ID: "google-oauth-refresh-token", Regex: `\b1//0[A-Za-z0-9_-]{30,}`, Keywords: []string{"1//0"}, Entropy: 3.5},
		{ID: "google-api-key", Regex: `\bAIza[0-9A-Za-z_-]{35}`, Keywords: []string{"aiza"}, Entropy: 3.5},
		{ID: "facebook-token", Regex: `\bEAA[A-Z][A-Za-z0-9]{40,}`, Keywords: []string{"eaac", "eaam", "eaab", "eaad"}, Entropy: 3.5},
		{ID: "facebook-app-token", Regex: `\b[0-9]{13,17}\|[A-Za-z0-9_-]{27}\b`, Keywords: []string{longRun}, Entropy: 3.5, need: "|"},
		{ID: "instagram-token", Regex: `\bIG(?:QVJ|QWR|AA)[A-Za-z0-9_-]{80,}`, Keywords: []string{"igqvj", "igqwr", "igaa"}, Entropy: 3.5},
		{ID: "groq-key", Regex: `\bgsk_[A-Za-z0-9]{52}\b`, Keywords: []string{"gsk_"}, Entropy: 3.5},
		{ID: "openai-key", Regex: `\bsk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{16,}T3BlbkFJ[A-Za-z0-9_-]{16,}`, Keywords: []string{"t3blbkfj"}, Entropy: 3.5},
		{ID: "anthropic-token", Regex: `\bsk-ant-(?:sid|oat|ort)[0-9]{2}-[A-Za-z0-9_-]{80,}`, Keywords: []string{"sk-ant-"}, Entropy: 3.5},
		{ID: "openrouter-key", Regex: `\bsk-or-v1-[0-9a-f]{64}\b`, Keywords: []string{"sk-or-v1-"}, Entropy: 3},
		{ID: "xai-key", Regex: `\bxai-[0-9A-Za-z]{70,}`, Keywords: []string{"xai-"}, Entropy: 3.5},
		{ID: "replicate-key", Regex: `\br8_[0-9A-Za-z]{37}\b`, Keywords: []string{"r8_"}, Entropy: 3.5},
		{ID: "huggingface-token", Regex: `\b(?:hf|api_org)_[A-Za-z]{34}\b`, Keywords: []string{"hf_", "api_org_"}, Entropy: 3.8},
		{ID: "perplexity-key", Regex: `\bpplx-[A-Za-z0-9]{48}\b`, Keywords: []string{"pplx-"}, Entropy: 3.5},
		{ID: "grafana-token", Regex: `\b(?:glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|glc_eyJ[A-Za-z0-9+/=]{32,}|eyJrIjoi[A-Za-z0-9+/=_-]{40,})`, Keywords: []string{"glsa_", "glc_eyj", "eyjrijoi"}, Entropy: 3},
		{ID: "linear-key", Regex: `\blin_(?:api|oauth)_[A-Za-z0-9]{32,}`, Keywords: []string{"lin_api_", "lin_oauth_"}, Entropy: 3.5},
		{ID: "nuget-key", Regex: `\boy2[a-z0-9]{43}\b`, Keywords: []string{"oy2"}, Entropy: 3},
	}
}

// more is the second half of ownRules.
func more() []*rule {
	return []*rule{
		{ID: "dropbox-token", Regex: `\bsl\.[uA-Z][A-Za-z0-9_-]{130,}`, Keywords: []string{"sl."}, Entropy: 4},
		{ID: "digitalocean-token", Regex: `\bdo[opr]_v1_[0-9a-f]{64}\b`, Keywords: []string{"doo_v1_", "dop_v1_", "dor_v1_"}, Entropy: 3},
		{ID: "atlassian-token", Regex: `(?:^|[^A-Za-z0-9])(AT(?:ATT3|CTT3)[A-Za-z0-9_=-]{24,}|ATBB[A-Za-z0-9]{28,36})(?:[^A-Za-z0-9]|$)`, Keywords: []string{"atatt3", "atctt3", "atbb"}, Entropy: 3.5},
		{ID: "jira-access-token", Regex: `(?:^|[^A-Za-z0-9+/=_-])([MNO][A-Za-z0-9+]{10}[A-Za-z0-9+/]{5}O[g-v][A-Za-z0-9+/]{26})(?:[^A-Za-z0-9+/=_-]|$)`, Keywords: []string{"jira", "confluence", "token/", "bearer"}, Entropy: 4},
		{ID: "salesforce-token", Regex: `\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{80,}`, Keywords: []string{"00d"}, Entropy: 4},
		{ID: "square-token", Regex: `\b(?:sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,43}|EAAA[A-Za-z0-9_-]{60})`, Keywords: []string{"sq0atp-", "sq0csp-", "sq0idp-", "eaaa"}, Entropy: 3.5},
		{ID: "stripe-key", Regex: `\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,}|\bwhsec_[A-Za-z0-9]{24,}`, Keywords: []string{"sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"}, Entropy: 3},
		{ID: "shopify-token", Regex: `\bshp(?:at|ca|pa|ss|tka)_[0-9A-Fa-f]{32}\b`, Keywords: []string{"shpat_", "shpca_", "shppa_", "shpss_", "shptka_"}, Entropy: 2.5},
		{ID: "slack-token", digits: 6, Regex: `\bxox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z-]{20,}|\bxapp-[0-9]-[A-Z0-9]{8,}-[0-9]+-[0-9a-f]{32,}|hooks\.slack\.com/services/T[A-Za-z0-9]{6,}/B[A-Za-z0-9]{6,}/[A-Za-z0-9]{20,}`, Keywords: []string{"xoxa-", "xoxb-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-", "hooks.slack.com"}, Entropy: 2.8},
		{ID: "discord-webhook", Regex: `https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,}`, Keywords: []string{"/api/webhooks/"}, Entropy: 3.5},
		{ID: "artifactory-key", Regex: `(?:^|[\s=:"'])(AKC[A-Za-z0-9]{10,}|AP[0-9A-F][A-Za-z0-9]{10,})(?:[\s"']|$)`, Keywords: []string{"akc", "ap6"}, Entropy: 3.2},
		{ID: "aws-access-key", Regex: `\b((?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16})\b`, Keywords: []string{"akia", "asia", "abia", "acca", "a3t"}, Entropy: 2.8},
		{ID: "aws-secret-key", Regex: `(?i)aws.{0,20}?(?:secret|key|pwd|pw|password|pass|token).{0,20}?[=:>"'\s]["']?([0-9A-Za-z/+]{40})(?:[^0-9A-Za-z/+=]|$)`, Keywords: []string{"aws"}, Entropy: 4},
		{ID: "ibm-cloud-key", Regex: `(?i)(?:ibm|cloud|bluemix|iam|softlayer|sl)[\w-]{0,20}?(?:api|key|pwd|password|pass|token)[\w-]{0,12}["']?\s*(?::=|=>|:|=|\s)\s*["']?([0-9A-Za-z_-]{44}|[a-z0-9]{64})(?:["'\s;,]|$)`, Keywords: []string{"ibm", "bluemix", "cloud_api", "cloud-api", "iam_", "iam-", "softlayer", "sl-api", "sl_api", "cloudapi"}, Entropy: 3},
		{ID: "hmac-secret-key", Regex: `(?i)secret[-_ ]?(?:access)?[-_ ]?key["']?\s*(?::=|=>|:|=)\s*["']?([0-9a-f]{48})(?:["'\s;,]|$)`, Keywords: []string{"secret"}, Entropy: 3},
		{ID: "cloudant-password", Regex: `(?i)[\w-]+:([0-9a-f]{64})@[\w.-]*cloudant|cloudant[\w-]*(?:key|pwd|pass|password|token)["']?\s*[:=]+\s*["']?([0-9a-f]{64}|[a-z]{24})(?:["'\s;,]|$)`, Keywords: []string{"cloudant"}, Entropy: 3},
		{ID: "softlayer-credential", Regex: `(?i)(?:softlayer|sl)[\w-]{0,10}?(?:api|key|pwd|password|pass|token)[\w-]{0,12}["']?\s*(?::=|=>|:|=|\s)\s*["']?([a-z0-9]{64})|api\.softlayer\.com/soap/v3(?:\.1)?/([a-z0-9]{64})`, Keywords: []string{"softlayer", "sl_", "sl-"}, Entropy: 3},
		{ID: "wundergraph-key", Regex: `\bcosmo_[0-9a-f]{32}\b`, Keywords: []string{"cosmo_"}, Entropy: 3.2},
		{ID: "docker-token", Regex: `\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{27,}`, Keywords: []string{"dckr_"}, Entropy: 3.5},
		{ID: "vault-token", Regex: `\bhv[sbr]\.[A-Za-z0-9_-]{24,}`, Keywords: []string{"hvs.", "hvb.", "hvr."}, Entropy: 3.5},
		{ID: "terraform-cloud-token", Regex: `\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}`, Keywords: []string{".atlasv1."}, Entropy: 3.5},
		{ID: "tailscale-key", Regex: `\btskey-[a-z]+-[A-Za-z0-9]{8,}-[A-Za-z0-9]{20,}`, Keywords: []string{"tskey-"}, Entropy: 3.5},
		{ID: "supabase-key", Regex: `\bsbp_[0-9a-f]{40}\b|\bsb_secret_[A-Za-z0-9_-]{31,}`, Keywords: []string{"sbp_", "sb_secret_"}, Entropy: 3},
		{ID: "private-key-encoded", Regex: `[A-Za-z0-9+/]{8,}(?:UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW)[A-Za-z0-9+/=]{8,}`, Keywords: []string{"ufjjvkfursblrv", "bssvzbveugs0vz", "quklwqvrfietfw"}, Entropy: 3},
		{ID: "putty-private-key", Regex: `PuTTY-User-Key-File-[23]:`, Keywords: []string{"putty-user-key-file"}},
		{ID: "1password-token", Regex: `\bops_eyJ[A-Za-z0-9+/_=-]{200,}`, Keywords: []string{"ops_eyj"}, Entropy: 4},
		{ID: "deepseek-key", Regex: `(?:^|[^A-Za-z0-9_-]|\x1b\[[0-9;]*m)(sk-[0-9a-f]{32})(?:[^A-Za-z0-9]|$)`, Keywords: []string{"sk-"}, Entropy: 3},
		{ID: "tavily-key", Regex: `\btvly-(?:dev-|prod-)?[A-Za-z0-9]{32}\b`, Keywords: []string{"tvly-"}, Entropy: 3.5},
		{ID: "cloudflare-token", Regex: `\bcf(?:at|ut|k)_[A-Za-z0-9]{40,}\b`, Keywords: []string{"cfat_", "cfut_", "cfk_"}, Entropy: 3.5},
		{ID: "bitbucket-token", Regex: `\bBBDC-[A-Za-z0-9+/@_-]{40,50}`, Keywords: []string{"bbdc-"}, Entropy: 3.5},
		{ID: "alibaba-access-key", Regex: `\bLTAI[A-Za-z0-9]{12,24}\b`, Keywords: []string{"ltai"}, Entropy: 3},
		{ID: "mailchimp-named-key", Regex: `(?i)mailchimp.{0,20}["'\s=:]([0-9a-z]{32}-us[0-9]{1,2})\b`, Keywords: []string{"mailchimp"}, Entropy: 3},
		{ID: "url-password", Regex: `\b[a-zA-Z][a-zA-Z0-9+.-]{1,30}://[^\s:/@"'<>{}$%]{0,100}:([^\s/@"'<>{}]{3,200})@[A-Za-z0-9\[]`, Keywords: []string{"://"}, need: "@"},
	}
}
